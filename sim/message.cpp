#include "sim/message.hpp"

#include "sim/network_model.hpp"
#include "sim/process.hpp"

namespace gossamer {

static_assert(sizeof(Message) == 64);

void Message::prefetch(Distance distance) const {
  carrier_->sink().prefetch(*this, distance);
}

void Message::happen() {
  try {
    carrier_->arrived(*this);
  } catch (const SimulationError&) {
    throw;
  } catch (const std::exception& error) {
    blame(error);
  }
}

// No program is there to be blamed, as it is still under way.
void Message::blame(const std::exception& error) const {
  throw SimulationError(from, carrier_->scheduler().now(),
                        "the message to node " + std::to_string(to) + ": " + error.what());
}

}  // namespace gossamer
