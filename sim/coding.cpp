#include "sim/coding.hpp"

#include <algorithm>

namespace gossamer {

CodingNetwork::CodingNetwork(std::unique_ptr<NetworkModel> network, const Coding& coding,
                             NodeDowntimes& downtimes, NodeId nodes)
    : WrappedNetwork(std::move(network)),
      coding_(coding),
      downtimes_(downtimes),
      nodes_(static_cast<std::size_t>(nodes)) {}

void CodingNetwork::carry(Message& message) {
  Node& sender = nodes_[static_cast<std::size_t>(message.from)];
  const Payload* const payload = &*message.payload;
  const Instant now = scheduler().now();
  if (payload != sender.latest || now != sender.sent) {
    sender.latest = payload;
    sender.sent = now;
    sender.encoded_until = later(std::max(now, sender.encoded_until),
                                 transmission_time(payload->uncompressed(), coding_.encode));
  }
  wait(message, encoding, sender.encoded_until);
}

void CodingNetwork::deliver(Message& message) {
  Node& receiver = nodes_[static_cast<std::size_t>(message.to)];
  receiver.decoded_until = std::max(scheduler().now(), receiver.decoded_until);
  if ((*message.payload).uncompressed().count > 0) {
    receiver.decoded_until = later(receiver.decoded_until, transmission_time(message.size, coding_.decode));
  }
  wait(message, decoding, receiver.decoded_until);
}

void CodingNetwork::wait(Message& message, Stage stage, Instant until) {
  take(message);
  message.hop = stage;
  if (until > scheduler().now()) return scheduler().at(until, message);
  arrived(message);
}

void CodingNetwork::arrived(Message& message) {
  if (message.hop == encoding) return pass_on(message);
  downtimes_.is_crashed(message.to, scheduler().now()) ? sink().drop(message) : sink().deliver(message);
}

}  // namespace gossamer
