#include "algorithms/agent/agent.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace gossamer {

Agent::Agent(Simulation& simulation, NodeId id, const Experiment& experiment)
    : Node(simulation, id),
      experiment_(&experiment),
      state_(std::make_shared<State>(State{
          0, BatchSampler(is_server() ? 1 : experiment.problem.samples(id), experiment.batch_size),
          named_stream(experiment.seed, id, "sampling"), named_stream(experiment.seed, id, "compression")})) {
}

template <class Value>
Agent::Gradient<Value>::Gradient(const Agent& agent, const Vector& x, double weight_decay)
    : Computation(agent.simulation(), agent.id(),
                  agent.experiment_->gradient_time[static_cast<std::size_t>(agent.id())]),
      agent_(agent),
      x_(x),
      weight_decay_(weight_decay),
      batch_(agent.state_->sampler.next(agent.state_->sampling)) {}

template <class Value>
void Agent::Gradient<Value>::run() {
  const Problem& problem = agent_.experiment_->problem;
  if constexpr (std::is_same_v<Value, SparseVector>) {
    problem.sparse_gradient(agent_.id(), x_, batch_, value_);
  } else {
    problem.gradient(agent_.id(), x_, batch_, value_);
    if (weight_decay_ != 0) value_ += weight_decay_ * x_;
  }
}

template <class Value>
Value Agent::Gradient<Value>::await_resume() {
  Computation::wait();
  Work& work = agent_.work();
  work.gradients += 1;
  work.samples += batch_.empty() ? agent_.experiment_->problem.samples(agent_.id())
                                 : static_cast<std::int64_t>(batch_.size());
  const auto is_finite = [this] {
    if constexpr (std::is_same_v<Value, SparseVector>) {
      return std::ranges::all_of(value_.values, [](double v) { return std::isfinite(v); });
    } else {
      return value_.allFinite();
    }
  };
  if (!is_finite()) agent_.diverged("the gradient is not finite");
  if constexpr (std::is_same_v<Value, SparseVector>) {
    if (agent_.experiment_->compression_error)
      agent_.experiment_->compression_error->keep(agent_.id(), value_);
  }
  return std::move(value_);
}

template class Agent::Gradient<Vector>;
template class Agent::Gradient<SparseVector>;

Codec Agent::codec(const Compressor& compressor) const {
  return {*this, compressor};
}

void Agent::send(NodeId to, Encoded message) {
  work().bits_paper += message.bits_paper.count;
  Node::send(to, std::move(message));
}

void Agent::broadcast(Encoded message) {
  work().bits_paper += static_cast<std::int64_t>(neighbors().size()) * message.bits_paper.count;
  Node::broadcast(std::move(message));
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

void Agent::finished(Round t, const Vector& x, double squared_norm) {
  if (!std::isfinite(squared_norm)) diverged("the iterate is so large that its norm is not finite");
  state_->finished = t;
  if (experiment_->observer) experiment_->observer->finished(id(), t, &x);
}

void Agent::finished(Round t) {
  state_->finished = t;
  if (experiment_->observer) experiment_->observer->finished(id(), t, nullptr);
}

void Agent::diverged(const std::string& what) const {
  throw Divergence(id(), state_->finished + 1, now(), what);
}

Decoded::operator Vector() const {
  Vector x = codec_.zero();
  return x += *this;
}

Vector& Decoded::add_to(Vector& sum) const {
  add_decoded(codec_.compressor_, message_, codec_.agent_.wire(), weight_, sum);
  return sum;
}

Encoded Codec::operator()(const Vector& x) const {
  return agent_.on_wire([&] { return encode(compressor_, x, agent_.wire(), agent_.compression()); });
}

Vector Codec::mean(const std::vector<Received<Encoded>>& messages) const {
  Vector sum = zero();
  for (const auto& c_i : messages) sum += decode(*c_i) / static_cast<double>(messages.size());
  return sum;
}

Vector Codec::zero() const {
  return Vector::Zero(agent_.dimension());
}

}  // namespace gossamer
