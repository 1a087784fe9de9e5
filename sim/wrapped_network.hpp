// WrappedNetwork: what models around another model share.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "sim/network_model.hpp"

namespace gossamer {

/// A model that lets another one carry its messages, and hears where they end up. The links are the other's.
class WrappedNetwork : public NetworkModel, protected MessageSink {
 public:
  std::optional<LinkId> links() const override { return network_->links(); }
  LinkCounters counters(LinkId link) const override { return network_->counters(link); }
  void prefetch(ArcId arc) const override { network_->prefetch(arc); }

 protected:
  explicit WrappedNetwork(std::unique_ptr<NetworkModel> network) : network_(std::move(network)) {}
  /// Lets the other model carry a message.
  void pass_on(Message& message) { network_->send(message); }

 private:
  void attached() override { network_->attach(scheduler(), *this); }
  void prefetch(const Message& message, Event::Distance distance) const override {
    sink().prefetch(message, distance);
  }

  std::unique_ptr<NetworkModel> network_;
};

}  // namespace gossamer
