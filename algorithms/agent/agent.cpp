#include "algorithms/agent/agent.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "algorithms/vectors/sparse_vector.hpp"

namespace gossamer {

struct Agent::State {
  State(const Experiment& experiment, NodeId node, Index samples)
      : sampler(samples, experiment.batch_size),
        sampling(stream(experiment, node, "sampling")),
        compression(stream(experiment, node, "compression")) {}

  /// After a crash another one than before: the node does not draw the same again.
  static Rng stream(const Experiment& experiment, NodeId node, std::string_view purpose) {
    const int crashes = experiment.work[static_cast<std::size_t>(node)].crashes;
    if (crashes == 0) return named_stream(experiment.seed, node, purpose);
    return named_stream(experiment.seed, node,
                        std::string(purpose) + " after crash " + std::to_string(crashes));
  }

  Round finished = 0;
  bool patient = false;  // Whether neighbours may have been silent.
  int programs = 1;
  BatchSampler sampler;
  Rng sampling, compression;
  std::map<std::string, Rng, std::less<>> streams;  // By purpose.
  Vector gradient;                                  // The last one; empty unless it is watched.
};

Agent::Agent(Simulation& simulation, NodeId id, const Experiment& experiment)
    : Node(simulation, id),
      experiment_(&experiment),
      state_(std::make_shared<State>(experiment, id, is_server() ? 1 : experiment.problem.samples(id))) {
  if (is_server() || !experiment.watched || !experiment.watched->has("gradient")) return;
  state_->gradient = Vector::Zero(dimension());
  watch({{"gradient", &state_->gradient}});
}

template <class Value>
Agent::Gradient<Value>::Gradient(const Agent& agent, const Vector& x, double weight_decay)
    : Gradient(agent, x, weight_decay, agent.state_->sampler.next(agent.state_->sampling)) {}

template <class Value>
Agent::Gradient<Value>::Gradient(const Agent& agent, const Vector& x, double weight_decay, Batch batch)
    : Computation(agent.simulation(), agent.id(),
                  agent.experiment_->compute_time.gradient(
                      agent.id(),
                      batch.empty() ? agent.experiment_->problem.samples(agent.id())
                                    : static_cast<std::int64_t>(batch.size()),
                      agent.now())),
      agent_(agent),
      x_(&x),
      weight_decay_(weight_decay),
      batch_(batch) {
  if (agent.experiment_->problem.initial_state()) {
    training_ = std::make_unique<Training>(Training{agent.random("training").next(), agent.work().state});
  }
  if (agent.state_->programs == 1) return;
  x_ = &own_x_.emplace(x);
  own_batch_.assign(batch.begin(), batch.end());
  batch_ = own_batch_;
}

template <class Value>
void Agent::Gradient<Value>::run() {
  const Problem& problem = agent_.experiment_->problem;
  if constexpr (std::is_same_v<Value, SparseVector>) {
    if (!training_) return problem.sparse_gradient(agent_.id(), *x_, batch_, value_);
    Vector dense;
    problem.training_gradient(agent_.id(), *x_, batch_, *training_, dense);
    value_ = to_sparse(dense);
  } else {
    if (training_) {
      problem.training_gradient(agent_.id(), *x_, batch_, *training_, value_);
    } else {
      problem.gradient(agent_.id(), *x_, batch_, value_);
    }
    if (weight_decay_ != 0) value_ += weight_decay_ * *x_;
  }
}

template <class Value>
Value Agent::Gradient<Value>::await_resume() {
  Computation::wait();
  Work& work = agent_.work();
  work.gradients += 1;
  work.samples += batch_.empty() ? agent_.experiment_->problem.samples(agent_.id())
                                 : static_cast<std::int64_t>(batch_.size());
  if (training_) work.state = std::move(training_->state);
  const auto is_finite = [this] {
    if constexpr (std::is_same_v<Value, SparseVector>) {
      return std::ranges::all_of(value_.values, [](double v) { return std::isfinite(v); });
    } else {
      return value_.allFinite();
    }
  };
  if (!is_finite()) agent_.diverged("the gradient is not finite");
  if (training_ && !work.state.allFinite())
    agent_.diverged("the model's state after a gradient is not finite");
  agent_.keep(value_);
  return std::move(value_);
}

template class Agent::Gradient<Vector>;
template class Agent::Gradient<SparseVector>;

void Agent::watch(std::initializer_list<std::pair<std::string_view, const Vector*>> vectors) const {
  if (!experiment_->watched) return;
  for (const auto& [name, vector] : vectors) experiment_->watched->add(id(), name, *vector);
}

/// Keeps the gradient, if it is watched.
template <class Value>
void Agent::keep(const Value& gradient) const {
  if (state_->gradient.size() == 0) return;
  if constexpr (std::is_same_v<Value, SparseVector>) {
    state_->gradient = to_dense(gradient, dimension());
  } else {
    state_->gradient = gradient;
  }
}

Codec Agent::codec(const Compressor& compressor) const {
  return {*this, compressor};
}

void Agent::send(NodeId to, Encoded message, Channel channel) {
  message.round = round();
  work().bits_paper += message.bits_paper.count;
  Node::send(to, std::move(message), channel);
}

void Agent::broadcast(Encoded message, Channel channel) {
  message.round = round();
  const std::int64_t bits_paper = message.bits_paper.count;
  std::size_t receivers = out_neighbors().size();
  if (const Weights* w = weights(); w && !w->everywhere()) {
    receivers = w->arcs_out(id()).size();
    send_along(w->arcs_out(id()), std::move(message), channel);
  } else {
    Node::broadcast(std::move(message), channel);
  }
  work().bits_paper += static_cast<std::int64_t>(receivers) * bits_paper;
}

Entries Agent::counting_entries() const {
  const Weights* w = weights();
  return w && !w->everywhere() ? Entries(w->entries_in(id())) : all_entries();
}

Gather<Encoded> Agent::gather(Channel channel) {
  return gather_by<Encoded>(counting_entries(), channel);
}

AnyGather<Encoded> Agent::gather(Patience patience, Late late, Channel channel) {
  state_->patient = patience.any();
  return gather_by<Encoded>(counting_entries(), patience, round(), late, channel);
}

AnyGather<Encoded> Agent::gather_from(std::span<const NodeId> nodes, Patience patience, Channel channel) {
  std::vector<ArcId> entries;
  for (const NodeId node : nodes) entries.push_back(entry_from(node));
  return gather_by<Encoded>(Entries(entries), patience, round(), Late::dropped, channel);
}

const Weights* Agent::weights() const {
  return experiment_->mixing ? &experiment_->mixing->at(round()) : nullptr;
}

Round Agent::round() const {
  return state_->finished + 1;
}

Round Agent::horizon() const {
  const bool has_server = simulation().adjacency().nodes() > workers();
  return experiment_->shares_rounds || has_server ? experiment_->horizon : std::numeric_limits<Round>::max();
}

void Agent::join(Round t) const {
  state_->finished = t - 1;
}

Round Agent::catch_up(const Patience& patience, Round t) const {
  if (!patience.any()) return t;
  t = std::max(t, round());  // It may have joined a later one already.
  Round newest = 0;
  const Entries entries = all_entries();
  for (ArcId k = 0; k < entries.size(); ++k) {
    const Message* const message = simulation().queue(entries[k]).newest(Channel{});
    if (!message) continue;
    newest = std::max(newest, static_cast<const TypedPayload<Encoded>&>(*message->payload).value().round);
  }
  if (newest > t) t = newest + 1;
  join(t);
  return t;
}

void Agent::take_newest(Received<Encoded>& message, Channel channel) const {
  const ArcId entry = entry_from(message.from);
  while (simulation().queue(entry).find(channel)) {
    message = taken_as<Encoded>(simulation().take(entry, channel), channel);
  }
}

Round Agent::join_newest(Received<Encoded>& message, Channel channel) const {
  take_newest(message, channel);
  join(message->round);
  return message->round;
}

double Agent::weight(NodeId j) const {
  return j == id() ? weights()->own(j) : weights()->of_entry(entry_from(j));
}

template <class Add>
Vector Agent::mixed(const Vector& own, Messages received, Add add) const {
  const Weights& w = *weights();
  const std::span<const double> weights_in = w.of(id());
  const Entries entries = counting_entries();
  const Adjacency& graph = simulation().adjacency();
  Vector sum = zeros_like(own);
  bool has_own = false;
  const auto add_own = [&] {
    if (!std::exchange(has_own, true)) sum += own_weight(w, entries, received) * own;
  };
  auto message = received.begin();
  for (ArcId k = 0; k < entries.size(); ++k) {
    const NodeId j = graph.tail_of_entry(entries[k]);
    if (j > id()) add_own();
    while (message != received.end() && message->from < j) ++message;
    if (message != received.end() && message->from == j) {
      add(**message, weights_in[static_cast<std::size_t>(k)], sum);
    } else if (!state_->patient) {
      throw std::logic_error("there is no message of node " + std::to_string(j) + " to mix");
    }
  }
  add_own();
  return sum;
}

/// W_ii, and W_ij of every j that was silent. The entries are those that count.
double Agent::own_weight(const Weights& w, const Entries& entries, Messages received) const {
  double weight = w.own(id());
  if (!state_->patient || std::ssize(received) == entries.size()) return weight;
  auto message = received.begin();
  for (ArcId k = 0; k < entries.size(); ++k) {
    const NodeId j = simulation().adjacency().tail_of_entry(entries[k]);
    while (message != received.end() && message->from < j) ++message;
    const bool is_silent = message == received.end() || message->from != j;
    if (is_silent) weight += w.of(id())[static_cast<std::size_t>(k)];
  }
  return weight;
}

template <class Add>
Vector Agent::added_up(const Vector& own, Messages received, Add add) const {
  Vector sum = zeros_like(own);
  bool has_own = false;
  const auto add_own = [&] {
    if (!std::exchange(has_own, true)) sum += weights()->own(id()) * own;
  };
  for (const auto& message : received) {
    if (message.from > id()) add_own();
    add(*message, experiment_->mixing->at(message->round).of_entry(entry_from(message.from)), sum);
  }
  add_own();
  return sum;
}

Vector Agent::mix(const Vector& own, Messages received, Index part) const {
  return mixed(own, received, [&](const Encoded& message, double weight, Vector& sum) {
    add_decoded(message, wire(), part, weight, sum);
  });
}

Vector Agent::mix(const Vector& own, Messages received, const Codec& C) const {
  return mixed(own, received, [&](const Encoded& message, double weight, Vector& sum) {
    sum += C.decode(message) * weight;
  });
}

Vector Agent::add_up(const Vector& own, Messages received) const {
  return added_up(own, received, [&](const Encoded& message, double weight, Vector& sum) {
    add_decoded(message, wire(), 0, weight, sum);
  });
}

Vector Agent::add_up(const Vector& own, Messages received, const Codec& C) const {
  return added_up(own, received, [&](const Encoded& message, double weight, Vector& sum) {
    sum += C.decode(message) * weight;
  });
}

void Agent::spawn(Process program) const {
  ++state_->programs;
  simulation().spawn(id(), std::move(program), Role::background);
}

Rng& Agent::random(std::string_view purpose) const {
  const auto found = state_->streams.find(purpose);
  if (found != state_->streams.end()) return found->second;
  const Rng stream = State::stream(*experiment_, id(), purpose);
  return state_->streams.emplace(purpose, stream).first->second;
}

Rng& Agent::compression() const {
  return state_->compression;
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

void Agent::changed(const Vector& x) const {
  if (experiment_->observer) experiment_->observer->changed(id(), x);
}

void Agent::diverged(const std::string& what) const {
  throw Divergence(id(), round(), now(), what, !experiment_->shares_rounds);
}

Task<Vector> first_iterate(Agent self) {
  Vector x = self.initial_point();
  if (self.is_back()) {
    auto message = co_await self.receive_any();
    x.setZero();
    add_decoded(*message, self.wire(), 0, 1, x);
    self.join(message->round + 1);
    self.changed(x);
  }
  co_return x;
}

Decoded::operator Vector() const {
  Vector x = codec_.zero();
  return x += *this;
}

Vector& Decoded::add_to(Vector& sum) const {
  const Agent& agent = codec_.agent_;
  add_decoded(codec_.compressor_, message_, agent.wire(), weight_, sum, agent.layers());
  return sum;
}

Encoded Codec::operator()(const Vector& x) const {
  Encoded message = agent_.on_wire(
      [&] { return encode(compressor_, x, agent_.wire(), agent_.compression(), agent_.layers()); });
  if (compresses_) message.uncompressed = {x.size() * width(agent_.wire())};
  agent_.compressed(squared_norm(x), [&] { return squared_norm(Vector(decode(message)) - x); });
  return message;
}

Vector Codec::mean(Messages messages) const {
  Vector sum = zero();
  for (const auto& c_i : messages) sum += decode(*c_i) / static_cast<double>(messages.size());
  return sum;
}

Vector Codec::zero() const {
  return Vector::Zero(agent_.dimension());
}

}  // namespace gossamer
