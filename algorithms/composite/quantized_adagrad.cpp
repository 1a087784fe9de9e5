#include "algorithms/composite/quantized_adagrad.hpp"

#include "algorithms/composite/compression_error.hpp"

namespace gossamer {

Process QuantizedAdagrad::work(Agent self) const {
  const SelectionCodec Q(self, quantizer);
  const Codec uncompressed = self.codec(identity());
  CompositeIterate iterate(composite, self.initial_point());
  self.watch({{"H", &iterate.H()}});
  auto* const error = self.measure<CompressionError>(self.dimension(), self.workers());

  for (Round t = 1; t <= self.horizon(); ++t) {
    SparseVector g = co_await self.sparse_gradient(iterate.x());  // f'_t(x_t)^(m)
    if (error) error->keep(self.id(), g);
    Selection selection = select(g, iterate.indicator(g, t));  // I^(m), S(f'_t(x_t)^(m), I^(m))
    self.send(self.server(), Q(selection));                    // push Q(S(f'_t(x_t)^(m), I^(m))) and I^(m)

    auto received = co_await self.receive(self.server());  // pull S(q_t, I^Syn) and I^Syn
    SparseVector q;
    if (both_ways) {
      q = Q.decode(*received).sparse();
    } else {
      Vector mean = uncompressed.decode(*received);
      q = to_sparse(mean);
    }
    iterate.step(q, t);  // H_t, and x_{t+1} by Eq. (16) or (17)
    self.finished(t, iterate.x(), iterate.squared_norm());
  }
}

Process QuantizedAdagrad::serve(Agent self) const {
  const SelectionCodec Q(self, quantizer);
  SparseSum sum;
  auto* const error = self.measure<CompressionError>(self.dimension(), self.workers());

  for (Round t = 1; t <= self.horizon(); ++t) {
    auto received = co_await self.gather();
    Support all(self.dimension());  // I^Syn
    for (const auto& message : received) {
      const Selection selection = Q.decode(*message);
      all.unite(selection.coordinates);
      const SparseVector q = selection.sparse();
      for (Index k = 0; k < q.size(); ++k) sum.add(q.indices[k], q.values[k] / self.workers());
    }
    SparseVector mean;  // SynQ_t
    sum.move_to(mean);
    if (both_ways) {
      Encoded message = Q(select(mean, std::move(all)));
      if (error) error->compare(Q.decode(message).sparse());  // q_t = Q(SynQ_t)
      self.broadcast(std::move(message));                     // push S(q_t, I^Syn) and I^Syn
    } else {
      if (error) error->compare(mean);
      self.broadcast(to_dense(mean, self.dimension()));
    }
    self.finished(t);
  }
}

}  // namespace gossamer
