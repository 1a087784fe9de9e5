#include "sim/simulation.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace gossamer {

Simulation::Simulation(Adjacency adjacency, std::unique_ptr<NetworkModel> model, Pool& pool)
    : pool_(pool),
      adjacency_(std::move(adjacency)),
      model_(std::move(model)),
      queues_(static_cast<std::size_t>(adjacency_.arcs())),
      boxes_(static_cast<std::size_t>(adjacency_.nodes())) {
  model_->attach(scheduler_, *this);
  constexpr ArcId cached = 8192;  // With up to about so many arcs the cache holds all.
  if (adjacency_.arcs() > cached) scheduler_.prefetch_below(boxes_.size() / 8);
}

Simulation::~Simulation() = default;

void Simulation::spawn(NodeId node, Process program, Role role) {
  auto& promise = program.promise();
  promise.node = node;
  promise.role = role;
  promise.scheduler = &scheduler_;
  promise.course = &course_;
  ++(role == Role::main ? course_.running : course_.background);
  programs_.push_back(std::move(program));
  scheduler_.at(now(), promise);
}

void Simulation::crash(NodeId node) {
  Box& box = boxes_[static_cast<std::size_t>(node)];
  box.claims = nullptr;
  box.quiet = 0;
  scheduler_.withdraw_programs_of(node);  // Timers withdraw themselves when their frames go.
  std::erase_if(programs_, [&](const Process& program) {
    const auto& promise = program.promise();
    if (promise.node != node) return false;
    if (!program.done()) --(promise.role == Role::main ? course_.running : course_.background);
    return true;
  });
  for (ArcId entry = adjacency_.first_in(node); entry < adjacency_.first_in(node + 1); ++entry) {
    while (Message* const message = queue(entry).take_first()) {
      message->payload = {};
      store_.put(*message);
    }
  }
}

void Simulation::run() {
  scheduler_.run();
  finish();
}

bool Simulation::run_until(Instant end) {
  scheduler_.run_until(end);
  const bool ended = scheduler_.idle() || only_background();
  if (ended || course_.error) finish();
  return ended;
}

void Simulation::finish() {
  if (course_.error) std::rethrow_exception(course_.error);
  if (course_.halt && (!scheduler_.stopped() || only_background())) std::rethrow_exception(course_.halt);
  if (scheduler_.stopped()) return;
  // Who has waited longest is the one that starves; the others wait for what follows from that.
  const auto waits_since = [&](const Process& program) {
    const Claim* const claim = boxes_[static_cast<std::size_t>(program.promise().node)].claims;
    return claim ? claim->since_ : Instant::max();
  };
  const Process* stuck = nullptr;
  std::int64_t waiting = 0;
  for (const Process& program : programs_) {
    if (program.done() || program.promise().role == Role::background) continue;
    if (!stuck || waits_since(program) < waits_since(*stuck)) stuck = &program;
    ++waiting;
  }
  if (!stuck) return;
  const NodeId node = stuck->promise().node;
  const Claim* claim = boxes_[static_cast<std::size_t>(node)].claims;
  std::string text = "waits for " +
                     (claim ? claim->awaited() + " since " + to_string(claim->since_)
                            : std::string("nothing that could happen")) +
                     ", and no message is under way (deadlock";
  if (!losses_.empty()) text += "; messages were lost for ever";
  if (waiting == 2) text += "; 1 other program waits too";
  if (waiting > 2) text += "; " + std::to_string(waiting - 1) + " other programs wait too";
  throw SimulationError(node, now(), text + ")");
}

template <class ArcOf>
void Simulation::send_along(NodeId from, ArcId count, const ArcOf& arc_of, Channel channel, Bits size,
                            const PayloadRef& payload) {
  Box& box = boxes_[static_cast<std::size_t>(from)];
  box.messages_sent += count;
  box.bits_sent += count * size.count;
  const std::uint64_t sent = spread(1, size);
  for (ArcId k = 0; k < count; ++k) {
    const ArcId arc = arc_of(k);
    Message& message = store_.get();
    message.from = from;
    message.to = adjacency_.head(arc);
    message.arc = arc;
    message.channel = channel.id();
    message.size = size;
    message.payload = payload;
    mix(sent, message);
    model_->send(message);
  }
}

void Simulation::send(NodeId from, std::span<const ArcId> arcs, Channel channel, Bits size,
                      const PayloadRef& payload) {
  const auto arc_of = [&](ArcId k) { return arcs[static_cast<std::size_t>(k)]; };
  send_along(from, static_cast<ArcId>(arcs.size()), arc_of, channel, size, payload);
}

void Simulation::broadcast(NodeId from, Channel channel, Bits size, const PayloadRef& payload) {
  const ArcId first = adjacency_.first_out(from);
  const auto arc_of = [first](ArcId k) { return first + k; };
  send_along(from, adjacency_.out_degree(from), arc_of, channel, size, payload);
}

void Simulation::deliver(Message& message) {
  Box& box = boxes_[static_cast<std::size_t>(message.to)];
  box.messages_received += 1;
  box.bits_received += message.size.count;
  mix(spread(2, message.size), message);

  MessageQueue& into = queue(adjacency_.entry(message.arc));
  message.arrival_ = ++arrivals_;
  const bool first = !into.find(message.channel);
  into.push(message);
  if (!first) return;  // Whoever may take it would have taken the one before.
  if (box.quiet == 0) return offer(message, box, into);
  if (--box.quiet == 0) box.claims->prefetch();  // The next message may meet it.
}

void Simulation::offer(const Message& message, Box& box, const MessageQueue& into) {
  for (Claim** link = &box.claims; *link;) {
    Claim& claim = **link;
    if (claim.met_by(message)) {
      *link = claim.next_;
      return claim.program_.resume();  // Takes the message; one message meets at most one claim.
    }
    link = &claim.next_;
    if (*link && !into.find(message.channel)) return;  // It came too late for a claim: thrown away.
  }
}

void Simulation::prefetch(const Message& message, Event::Distance distance) const {
  const Box& box = boxes_[static_cast<std::size_t>(message.to)];
  if (distance == Event::Distance::far) {
    __builtin_prefetch(&box);
    __builtin_prefetch(queues_.data() + adjacency_.entry(message.arc));
  } else if (box.claims && box.quiet == 0) {
    box.claims->prefetch();
    __builtin_prefetch(box.claims->program_.address());
  }
}

void Simulation::prefetch(NodeId node, std::coroutine_handle<> program, Event::Distance distance) const {
  const MessageQueue* const queues = queues_.data() + adjacency_.first_in(node);
  if (distance == Event::Distance::far) {
    __builtin_prefetch(program.address());
    __builtin_prefetch(&boxes_[static_cast<std::size_t>(node)]);
    __builtin_prefetch(queues);
    return;
  }
  constexpr ArcId few = 4;
  const ArcId out = adjacency_.first_out(node);
  for (ArcId k = 0; k < std::min(few, adjacency_.out_degree(node)); ++k) model_->prefetch(out + k);
  for (ArcId k = 0; k < std::min(few, adjacency_.in_degree(node)); ++k) queues[k].prefetch();
}

void Simulation::drop(Message& message) {
  if (losses_.empty()) losses_.resize(boxes_.size());
  Losses& losses = losses_[static_cast<std::size_t>(message.from)];
  losses.messages += 1;
  losses.bits += message.size.count;
  mix(spread(3, message.size), message);
  message.payload = {};
  store_.put(message);
}

ArcId Simulation::earliest(NodeId node, Channel channel) const {
  ArcId first = -1;
  std::uint64_t rank = ~std::uint64_t{0};
  for (ArcId entry = adjacency_.first_in(node); entry < adjacency_.first_in(node + 1); ++entry) {
    const Message* message = queues_[static_cast<std::size_t>(entry)].find(channel);
    if (!message || message->arrival_ >= rank) continue;
    rank = message->arrival_;
    first = entry;
  }
  return first;
}

NodeCounters Simulation::counters(NodeId node) const {
  const auto i = static_cast<std::size_t>(node);
  const Box& box = boxes_[i];
  const Losses losses = losses_.empty() ? Losses{} : losses_[i];
  return {.messages_sent = box.messages_sent,
          .messages_received = box.messages_received,
          .messages_lost = losses.messages,
          .bits_sent = box.bits_sent,
          .bits_received = box.bits_received,
          .bits_lost = losses.bits,
          .computing = box.computing};
}

void Simulation::add_claim(NodeId node, Claim& claim, std::coroutine_handle<> program, ArcId missing) {
  claim.program_ = program;
  claim.next_ = nullptr;
  claim.since_ = now();
  Box& box = boxes_[static_cast<std::size_t>(node)];
  box.quiet = box.claims ? 0 : missing - 1;
  Claim** link = &box.claims;
  while (*link) link = &(*link)->next_;
  *link = &claim;
}

void Simulation::remove_claim(NodeId node, const Claim& claim) {
  Claim** link = &boxes_[static_cast<std::size_t>(node)].claims;
  while (*link != &claim) link = &(*link)->next_;
  *link = claim.next_;
}

// The words of an event are spread independently, then chained, so that the chain costs one multiplication.
std::uint64_t Simulation::spread(std::uint64_t kind, Bits size) const {
  const auto time = static_cast<std::uint64_t>(now().time_since_epoch().count());
  return std::rotl(time * 0xbf58476d1ce4e5b9ULL, 23) ^
         std::rotl(static_cast<std::uint64_t>(size.count) * 0x94d049bb133111ebULL, 41) ^ kind;
}

void Simulation::mix(std::uint64_t spread, const Message& message) {
  const auto ends = (static_cast<std::uint64_t>(message.from) << 32) | static_cast<std::uint32_t>(message.to);
  fingerprint_ =
      (std::rotl(fingerprint_, 5) ^ (ends * 0x9e3779b97f4a7c15ULL) ^ spread) * 0x9e3779b97f4a7c15ULL;
}

}  // namespace gossamer
