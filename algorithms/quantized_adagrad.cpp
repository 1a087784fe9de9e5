#include "algorithms/quantized_adagrad.hpp"

namespace gossamer {

Process QuantizedAdagrad::work(Agent self) const {
  const SelectionCodec Q(self, quantizer);
  const Codec uncompressed = self.codec(Identity{});
  CompositeIterate iterate(composite, self.initial_point());

  for (Round t = 1; t <= self.horizon(); ++t) {
    SparseVector g = co_await self.sparse_gradient(iterate.x());  // f'_t(x_t)^(m)
    Selection selection = select(g, iterate.indicator(g, t));     // I^(m), S(f'_t(x_t)^(m), I^(m))
    self.send(self.server(), Q(selection));                       // push Q(S(f'_t(x_t)^(m), I^(m))) and I^(m)

    auto received = co_await self.receive(self.server());  // pull S(q_t, I^Syn) and I^Syn
    SparseVector q;
    if (both_ways) {
      q = Q.decode(*received).sparse();
    } else {
      Vector mean = uncompressed.decode(*received);
      q = to_sparse(mean);
    }
    iterate.step(q, t);  // H_t, and x_{t+1} by Eq. (16) or (17)
    self.finished(t, iterate.x());
  }
}

Process QuantizedAdagrad::serve(Agent self) const {
  const SelectionCodec Q(self, quantizer);
  Vector mean = zeros_like(self.initial_point());  // SynQ_t; zero again at the end of each round

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    Support all(mean.size());  // I^Syn
    for (const auto& message : received) {
      Selection selection = Q.decode(*message);
      for (double& value : selection.values) value /= static_cast<double>(received.size());
      all.unite(selection.coordinates);
      std::size_t k = 0;
      selection.coordinates.for_each([&](Index j) { mean[j] += selection.values[k++]; });
    }
    const Selection aggregate = select(mean, std::move(all));
    if (both_ways) {
      Encoded message = Q(aggregate);
      self.aggregated([&] { return Q.decode(message).sparse(); });  // q_t = Q(SynQ_t)
      self.broadcast(std::move(message));                           // push S(q_t, I^Syn) and I^Syn
    } else {
      self.aggregated([&] { return aggregate.sparse(); });
      self.broadcast(mean);
    }
    aggregate.coordinates.for_each([&](Index j) { mean[j] = 0; });
    self.finished(t);
  }
}

}  // namespace gossamer
