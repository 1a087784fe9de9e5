#include "sim/message.hpp"

#include "sim/network_model.hpp"
#include "sim/process.hpp"

namespace gossamer {

static_assert(sizeof(Message) == 64);

void Message::prefetch(Distance distance) const {
  carrier_->sink().prefetch(*this, distance);
}

void Message::happen() {
  NetworkModel& carrier = *carrier_;
  const NodeId sender = from, receiver = to;  // The message may be gone, or another, once it has arrived.
  try {
    carrier.arrived(*this);
  } catch (const SimulationError&) {
    throw;
  } catch (const std::exception& error) {  // No program is there to be blamed.
    throw SimulationError(sender, carrier.scheduler().now(),
                          "the message to node " + std::to_string(receiver) + ": " + error.what());
  }
}

}  // namespace gossamer
