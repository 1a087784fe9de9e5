// The ideal network: no time passes.
#pragma once

#include <memory>

#include "sim/networks/links.hpp"

namespace gossamer {

/// Every message arrives at the instant at which it is sent, after all that was scheduled for that instant.
class Ideal final : public NetworkModel {
 private:
  void carry(Message& message) override { scheduler().at(scheduler().now(), message); }
  void arrived(Message& message) override { sink().deliver(message); }
};

/// As a scenario names it. links() throws std::invalid_argument if links have settings of their own: they
/// would have no effect.
struct IdealNetwork {
  static void fields(auto&, auto&&) {}
  Links links(const Traffic& traffic) const;
  std::unique_ptr<NetworkModel> make(const Links&) const { return std::make_unique<Ideal>(); }
};

}  // namespace gossamer
