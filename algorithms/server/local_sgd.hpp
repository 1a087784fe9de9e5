#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "algorithms/server/error_feedback.hpp"

namespace gossamer {

/// Local SGD. In a round, the workers that take part make `local_steps` steps of SGD on their own; then the
/// server makes one step along the mean of their moves.
///   worker i, from the x that it received:  y <- y - eta_t g_i(y), local_steps times;  sends Delta_i = x - y
///   server:  u <- mu u + (1/m) sum_i Delta_i;   x <- x - outer_step u, or with nesterov (Delta + mu u).
/// outer_step = 1 and mu = 0 is FedAvg [McMahan et al., AISTATS 2017, Algorithm 1]; with local_steps = 1 it
/// is distributed SGD; outer Nesterov momentum is the outer step of DiLoCo [Douillard et al. 2023,
/// Algorithm 1]. Where the workers are a ring and average by ring_all_reduce, there is no server: every node
/// holds x and u, sends Delta_i around and makes the server's step, as DiLoCo does. All local steps of round
/// t have the step size eta_t. An iteration is a round. Where the server does not wait for all, it takes the
/// mean of the moves that came; one that comes too late is thrown away, and its worker goes on with the
/// newest x. Checked, with all workers taking part: step sizes that change; weight decay; outer momentum; the
/// memory of error feedback, which holds parts of Delta_i, step sizes included.
struct LocalSgd {
  static constexpr std::array<std::string_view, 2> vectors{"u", "e"};
  static constexpr std::array<std::string_view, 1> vectors_without_server{"u"};

  Required<Schedule> step_size;        ///< eta_t > 0.
  int local_steps = 1;                 ///< tau >= 1.
  double participation = 1;            ///< In (0, 1]: share of the workers that take part; at least one.
  double outer_step = 1;               ///< > 0.
  double outer_momentum = 0;           ///< mu in [0, 1).
  bool nesterov = false;               ///< Whether the outer momentum is Nesterov's.
  Compressor compressor = identity();  ///< Compresses Delta_i; a contraction, if there is error feedback.
  bool error_feedback = false;
  double weight_decay = 0;            ///< >= 0: times y, part of g_i.
  Average average = Average::server;  ///< Otherwise all take part, without compression.
  Patience patience{};                ///< Of the server with those that take part.

  bool shares_rounds() const { return !patience.any(); }
  bool has_server() const { return average == Average::server; }
  Process serve(Agent self) const;
  Process work(Agent self) const;
  Process program(Agent self) const;  ///< Without a server, of every node.
  /// Throws std::invalid_argument where this does not suit the graph or vectors of d coordinates.
  void require(const Adjacency& graph, Index d) const;

  static void fields(auto& self, auto&& visit) {
    visit("step_size", self.step_size, "(0, inf)", "eta: step size of the local steps");
    visit("local_steps", self.local_steps, "[1, inf)", "steps that a worker makes in a round");
    visit("participation", self.participation, "(0, 1]", "share of the workers that take part in a round");
    visit("outer_step", self.outer_step, "(0, inf)", "step size of the server");
    visit("outer_momentum", self.outer_momentum, "[0, 1)", "momentum of the server");
    visit("nesterov", self.nesterov, "", "whether that momentum is Nesterov's");
    visit("compressor", self.compressor, "", "compresses the workers' moves");
    visit("error_feedback", self.error_feedback, "",
          "whether what it leaves out is added to the next message");
    visit("weight_decay", self.weight_decay, "[0, inf)", "this times x is added to every gradient");
    visit("average", self.average, "", "where moves are averaged: at a server, or around a ring");
    visit_patience_of_server(self.patience, visit);
  }

 private:
  /// u <- mu u + delta, and the step of x along it.
  void make_outer_step(Vector& x, Vector& u, const Vector& delta) const;
  /// From y, the local steps of round t.
  Task<Vector> make_local_steps(Agent self, Vector y, Round t) const;
  /// How many of so many workers take part in a round.
  int share_of(int workers) const;
  /// Who takes part in the next round, ascending: drawn without replacement, the same on every node.
  std::vector<NodeId> draw(int workers, Rng& rng) const;
};

}  // namespace gossamer
