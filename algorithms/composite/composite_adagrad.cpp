#include "algorithms/composite/composite_adagrad.hpp"

namespace gossamer {

Process CompositeAdagrad::work(Agent self) const {
  const Codec uncompressed = self.codec(identity());
  CompositeIterate iterate(composite, self.initial_point());
  self.watch({{"H", &iterate.H()}});

  for (Round t = 1; t <= self.horizon(); ++t) {
    Vector g = co_await self.gradient(iterate.x());
    self.send(self.server(), g);
    auto received = co_await self.receive(self.server());
    g = uncompressed.decode(*received);
    iterate.step(to_sparse(g), t);
    self.finished(t, iterate.x(), iterate.squared_norm());
  }
}

Process CompositeAdagrad::serve(Agent self) const {
  const Codec uncompressed = self.codec(identity());

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    self.broadcast(uncompressed.mean(received));
    self.finished(t);
  }
}

}  // namespace gossamer
