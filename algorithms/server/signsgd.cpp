#include "algorithms/server/signsgd.hpp"

namespace gossamer {

Process SignSgd::work(Agent self) const {
  const Codec sign = self.codec(gossamer::sign());
  Vector x = self.initial_point();

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector g = co_await self.gradient(x, weight_decay);  // g_{t,i}
    self.send(self.server(), sign(g));

    auto vote = co_await self.receive(self.server());
    x -= sign.decode(*vote) * step_size(t);
    self.finished(t, x);
  }
}

Process SignSgd::serve(Agent self) const {
  const Codec sign = self.codec(gossamer::sign());
  Vector votes = zeros_like(self.initial_point());  // Whole numbers, so that a tie is exactly 0.

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    votes.setZero();
    for (const auto& message : received) votes += sign.decode(*message);  // sum_i sign(g_{t,i})
    self.broadcast(sign(votes));
    self.finished(t);
  }
}

}  // namespace gossamer
