// Mistakes that the compiler has to find. As it stands this file compiles; with any one of the macros that
// CMakeLists.txt lists it must not.
#include "sim/node.hpp"

namespace gossamer {

struct Number {
  int value = 0;
};
#ifndef SEND_WITHOUT_WIRE_BITS
Bits wire_bits(const Number&) {
  return {32};
}
#endif

Process program(Node self) {
  self.broadcast(Number{1});

#ifdef CHANNEL_NAMED_AT_RUN_TIME
  const char* name = self.id() == 0 ? "x" : "y";
  const Channel channel = name;
#else
  const Channel channel = "x";
#endif

#ifdef GATHER_NOT_AWAITED
  self.gather<Number>(channel);
#else
  co_await self.gather<Number>(channel);
#endif

#ifdef SLEEP_NOT_AWAITED
  self.sleep(Duration{1});
#else
  co_await self.sleep(Duration{1});
#endif

#ifdef GATHER_MOVED
  auto gather = self.gather<Number>();  // Its address is known to the simulation while it is awaited.
  auto moved = std::move(gather);
  co_await moved;
#endif

  auto received = co_await self.gather<Number>(channel);
#ifdef PAYLOAD_CHANGED
  received[0]->value = 2;  // The other receivers hold it too.
#endif
}

void start(Simulation& simulation) {
  Process process = program(Node(simulation, 0));
#ifdef PROCESS_COPIED
  Process copy = process;
#endif
#ifdef PROCESS_DROPPED
  program(Node(simulation, 0));
#endif
#ifdef BARE_NUMBER_AS_DURATION
  Node(simulation, 0).sleep(10).await_resume();
#endif
  simulation.spawn(0, std::move(process));
}

}  // namespace gossamer
