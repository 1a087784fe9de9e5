#include "sim/node.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <stdexcept>

namespace gossamer {
namespace {

std::string readable(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type.name();
}

ArcId throw_no_neighbor(NodeId node, NodeId other) {
  throw std::invalid_argument("node " + std::to_string(other) + " is not a neighbour of node " +
                              std::to_string(node));
}

}  // namespace

std::string describe(Channel channel, std::span<const NodeId> from) {
  constexpr std::size_t shown = 8;
  const std::string on_channel = " on channel '" + std::string(channel.name()) + "' from ";
  if (from.empty()) return "a message" + on_channel + "any neighbour";
  std::string text = from.size() == 1 ? "a message" + on_channel + "node" : "messages" + on_channel + "nodes";
  for (std::size_t i = 0; i < from.size() && i < shown; ++i) {
    text += (i == 0 ? " " : ", ") + std::to_string(from[i]);
  }
  if (from.size() > shown) text += " and " + std::to_string(from.size() - shown) + " more";
  return text;
}

std::string describe_missing(Simulation& simulation, const Entries& entries, Channel channel) {
  std::vector<NodeId> from;
  for (ArcId k = 0; k < entries.size(); ++k) {
    if (!simulation.queue(entries[k]).find(channel)) {
      from.push_back(simulation.adjacency().tail_of_entry(entries[k]));
    }
  }
  return describe(channel, from);
}

void throw_wrong_type(Channel channel, NodeId from, const std::type_info& wanted, const std::type_info& got) {
  throw std::logic_error("the message on channel '" + std::string(channel.name()) + "' from node " +
                         std::to_string(from) + " is a " + readable(got) + ", but a " + readable(wanted) +
                         " is awaited");
}

ArcId Node::arc_to(NodeId other) const {
  const ArcId arc = simulation_->adjacency().arc(id_, other);
  return arc >= 0 ? arc : throw_no_neighbor(id_, other);
}

ArcId Node::entry_from(NodeId other) const {
  const ArcId entry = simulation_->adjacency().entry(id_, other);
  return entry >= 0 ? entry : throw_no_neighbor(id_, other);
}

}  // namespace gossamer
