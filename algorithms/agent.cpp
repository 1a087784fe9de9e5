#include "algorithms/agent.hpp"

#include <cmath>

namespace gossamer {

Agent::Agent(Simulation& simulation, NodeId id, const Experiment& experiment)
    : Node(simulation, id),
      experiment_(&experiment),
      state_(
          std::make_shared<State>(State{0,
                                        BatchSampler(experiment.problem.samples(id), experiment.batch_size),
                                        named_stream(experiment.seed, id, "sampling")})) {}

Agent::Gradient::Gradient(const Agent& agent, const Vector& x)
    : Computation(agent.simulation(), agent.id(),
                  agent.experiment_->gradient_time[static_cast<std::size_t>(agent.id())]),
      agent_(agent),
      x_(x),
      batch_(agent.state_->sampler.next(agent.state_->sampling)) {}

void Agent::Gradient::run() {
  agent_.experiment_->problem.gradient(agent_.id(), x_, batch_, value_);
}

Vector Agent::Gradient::await_resume() {
  wait();
  Work& work = agent_.experiment_->work[static_cast<std::size_t>(agent_.id())];
  work.gradients += 1;
  work.samples += batch_.empty() ? agent_.experiment_->problem.samples(agent_.id())
                                 : static_cast<std::int64_t>(batch_.size());
  if (!value_.allFinite()) agent_.diverged("the gradient is not finite");
  return std::move(value_);
}

Vector Agent::mix(const Vector& own, const std::vector<Received<Encoded>>& received, Index part) const {
  Vector sum = zeros_like(own);
  const auto [columns, weights] = experiment_->mixing->row(id());
  auto message = received.begin();
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (columns[k] == id()) {
      sum += weights[k] * own;
      continue;
    }
    while (message->from != columns[k]) ++message;  // Edges that W leaves out weigh nothing.
    add_decoded(**message, experiment_->wire, part, weights[k], sum);
  }
  return sum;
}

void Agent::finished(Round t, const Vector& x) {
  if (!std::isfinite(squared_norm(x))) diverged("the iterate is so large that its norm is not finite");
  state_->finished = t;
  if (experiment_->observer) experiment_->observer->finished(id(), t, x);
}

Encoded Agent::encoded(std::initializer_list<const Vector*> vectors) const {
  try {
    return encode(experiment_->wire, vectors);
  } catch (const WireError& error) {
    diverged(error.what());
  }
}

void Agent::diverged(const std::string& what) const {
  throw Divergence(id(), state_->finished + 1, now(), what);
}

}  // namespace gossamer
