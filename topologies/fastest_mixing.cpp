#include "topologies/fastest_mixing.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace gossamer {
namespace {

// With L_e = b_e b_e^T the Laplacian of the edge e, J = (1/n) 1 1^T, and M = W - J = I - sum_e w_e L_e - J:
//
//   minimize s  subject to  S_1 = s I - M >= 0,  S_2 = s I + M >= 0,  w >= 0,  c >= 0,
//
// where c_i = W_ii = 1 - (the weights of the edges of node i). The multipliers P_1, P_2, z, v of the four
// inequalities are those of the dual problem:
//
//   tr P_1 + tr P_2 = 1,  z_e = v_i + v_j - b_e^T (P_1 - P_2) b_e for e = ij;  all >= 0.
//
// A primal-dual interior point method solves both: Newton's method for P_k S_k = mu I, z_e w_e = mu, v_i c_i
// = mu, mu -> 0, in the direction of Helmberg, Rendl, Vanderbei and Wolkowicz [1996] with the predictor and
// corrector of Mehrotra [1992]. A barrier for the primal problem alone takes five times as many steps.

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr int most_nodes = 400, most_edges = 3000;
constexpr std::array<double, 2> sign{1, -1};  // S_k = s I - sign_k M.

/// The linear maps between weights of edges, values of nodes, and n x n matrices.
class Edges {
 public:
  explicit Edges(const Graph& graph) : nodes_(node_count(graph)), list_(edge_list(graph)) {}

  int nodes() const { return nodes_; }
  int count() const { return static_cast<int>(list_.size()); }
  const Edge& operator[](int e) const { return list_[e]; }

  /// Of each node: the weights of its edges, summed.
  Vector around(const Vector& w) const {
    Vector sums = Vector::Zero(nodes_);
    for (int e = 0; e < count(); ++e) {
      sums[list_[e].first] += w[e];
      sums[list_[e].second] += w[e];
    }
    return sums;
  }

  /// Of each edge: the values of its ends, summed.
  Vector across(const Vector& y) const {
    Vector sums(count());
    for (int e = 0; e < count(); ++e) sums[e] = y[list_[e].first] + y[list_[e].second];
    return sums;
  }

  /// sum_e w_e L_e.
  Matrix laplacian(const Vector& w) const {
    Matrix sum = around(w).asDiagonal();
    for (int e = 0; e < count(); ++e) {
      const auto [u, v] = list_[e];
      sum(u, v) = sum(v, u) = -w[e];
    }
    return sum;
  }

  /// b_e^T X b_f.
  double form(const Matrix& X, int e, int f) const {
    const auto [u, v] = list_[e];
    const auto [x, y] = list_[f];
    return X(u, x) - X(u, y) - X(v, x) + X(v, y);
  }

  /// Of each edge: b_e^T X b_e.
  Vector forms(const Matrix& X) const {
    Vector values(count());
    for (int e = 0; e < count(); ++e) values[e] = form(X, e, e);
    return values;
  }

 private:
  int nodes_;
  std::vector<Edge> list_;
};

/// A primal and a dual point, or a step between two.
struct Iterate {
  Vector w;  // Of edges.
  double s = 0;
  std::array<Matrix, 2> S;
  Vector c;                 // Of nodes.
  std::array<Matrix, 2> P;  // Multipliers of S,
  Vector z, v;              // of w and of c.

  /// 0 at the optimum: what s is above the dual's value, if the dual's equations hold.
  double complementarity() const {
    return P[0].cwiseProduct(S[0]).sum() + P[1].cwiseProduct(S[1]).sum() + z.dot(w) + v.dot(c);
  }
  int products() const { return static_cast<int>(2 * c.size() + w.size() + c.size()); }
};

/// The slacks that belong to w and s.
void set_slacks(const Edges& edges, Iterate& point) {
  const int n = edges.nodes();
  point.c = 1 - edges.around(point.w).array();
  Matrix M = -edges.laplacian(point.w);
  M.diagonal().array() += 1;
  M.array() -= 1. / n;
  for (int k = 0; k < 2; ++k) {
    point.S[k] = -sign[k] * M;
    point.S[k].diagonal().array() += point.s;
  }
}

/// Metropolis weights are strictly feasible, with s = 1.
Iterate start(const Edges& edges) {
  const int n = edges.nodes();
  const Vector degrees = edges.around(Vector::Ones(edges.count()));
  Iterate point;
  point.w.resize(edges.count());
  for (int e = 0; e < edges.count(); ++e) {
    point.w[e] = 1 / (1 + std::max(degrees[edges[e].first], degrees[edges[e].second]));
  }
  point.s = 1;
  set_slacks(edges, point);
  const double mu = 1. / (2 * n);
  point.P[0] = point.P[1] = mu * Matrix::Identity(n, n);
  point.z = mu * point.w.cwiseInverse();
  point.v = mu * point.c.cwiseInverse();
  return point;
}

/// Newton's method at a point.
class Newton {
 public:
  Newton(const Edges& edges, const Iterate& at) : edges_(edges), at_(at) {
    const int n = edges.nodes(), m = edges.count();
    std::array<Matrix, 2> PA;
    for (int k = 0; k < 2; ++k) {
      A_[k] = Eigen::LLT<Matrix>(at.S[k]).solve(Matrix::Identity(n, n));
      A_[k] = (A_[k] + A_[k].transpose()).eval() / 2;
      PA[k] = at.P[k] * A_[k];
    }
    const Vector r = at.v.cwiseQuotient(at.c);
    Matrix H(m + 1, m + 1);  // Its lower triangle.
    for (int f = 0; f < m; ++f) {
      for (int e = f; e < m; ++e) {
        H(e, f) = common(r, edges[e], edges[f]);
        for (int k = 0; k < 2; ++k) H(e, f) += edges.form(at.P[k], e, f) * edges.form(A_[k], e, f);
      }
      H(f, f) += at.z[f] / at.w[f];
    }
    H.row(m).head(m) = edges.forms(PA[0]) - edges.forms(PA[1]);
    H(m, m) = PA[0].trace() + PA[1].trace();
    system_.compute(H);
  }

  /// False where rounding has made the system singular.
  bool solvable() const { return system_.info() == Eigen::Success; }

  /// The step to P_k S_k = mu I and so on, to first order; to second order with the products of an earlier
  /// one.
  Iterate step(double mu, const Iterate* earlier) const {
    const int n = edges_.nodes(), m = edges_.count();
    // P_k + dP_k = T_k - P_k dS_k A_k, made symmetric; z + dz = Z - z dw / w; v + dv = V - v dc / c.
    std::array<Matrix, 2> T{mu * A_[0], mu * A_[1]};
    Vector Z = Vector::Constant(m, mu), V = Vector::Constant(n, mu);
    if (earlier) {
      for (int k = 0; k < 2; ++k) T[k] -= earlier->P[k] * earlier->S[k] * A_[k];
      Z -= earlier->z.cwiseProduct(earlier->w);
      V -= earlier->v.cwiseProduct(earlier->c);
    }
    Z = Z.cwiseQuotient(at_.w);
    V = V.cwiseQuotient(at_.c);

    // These put into the dual's equations.
    Vector right(m + 1);
    right.head(m) = edges_.forms(T[0]) - edges_.forms(T[1]) + Z - edges_.across(V);
    right[m] = T[0].trace() + T[1].trace() - 1;
    const Vector solution = system_.solve(right);

    Iterate step;
    step.w = solution.head(m);
    step.s = solution[m];
    step.c = -edges_.around(step.w);
    const Matrix L = edges_.laplacian(step.w);
    for (int k = 0; k < 2; ++k) {
      step.S[k] = sign[k] * L;
      step.S[k].diagonal().array() += step.s;
      T[k] -= at_.P[k] * step.S[k] * A_[k];
      step.P[k] = (T[k] + T[k].transpose()) / 2 - at_.P[k];
    }
    step.z = Z - at_.z - at_.z.cwiseProduct(step.w).cwiseQuotient(at_.w);
    step.v = V - at_.v - at_.v.cwiseProduct(step.c).cwiseQuotient(at_.c);
    return step;
  }

 private:
  /// The values of the nodes that both edges have.
  static double common(const Vector& r, const Edge& e, const Edge& f) {
    return (e.first == f.first || e.first == f.second ? r[e.first] : 0) +
           (e.second == f.first || e.second == f.second ? r[e.second] : 0);
  }

  const Edges& edges_;
  const Iterate& at_;
  std::array<Matrix, 2> A_;  // Inverses of S.
  Eigen::LLT<Matrix> system_;
};

bool is_positive(const Matrix& X) {
  return Eigen::LLT<Matrix>(X).info() == Eigen::Success;
}
bool is_positive(const Vector& x) {
  return x.minCoeff() > 0;
}

/// The share of a step, at most 1, that keeps all of x + share dx positive.
template <class... X>
double share_of(const std::pair<const X&, const X&>&... moves) {
  double share = 1;
  while (share > 1e-9 && !(is_positive(X(moves.first + share * moves.second)) && ...)) share *= 0.9;
  return share < 1 ? 0.95 * share : 1;
}

/// Takes as much of the step as is feasible, of its primal and of its dual part.
Iterate moved(const Edges& edges, const Iterate& from, const Iterate& step) {
  const auto move = [&]<class X>(X Iterate::*x) { return std::pair<const X&, const X&>(from.*x, step.*x); };
  const auto move_of = [&](std::array<Matrix, 2> Iterate::*x, int k) {
    return std::pair<const Matrix&, const Matrix&>((from.*x)[k], (step.*x)[k]);
  };
  const double primal =
      share_of(move_of(&Iterate::S, 0), move_of(&Iterate::S, 1), move(&Iterate::w), move(&Iterate::c));
  const double dual =
      share_of(move_of(&Iterate::P, 0), move_of(&Iterate::P, 1), move(&Iterate::z), move(&Iterate::v));
  Iterate to;
  to.w = from.w + primal * step.w;
  to.s = from.s + primal * step.s;
  set_slacks(edges, to);
  for (int k = 0; k < 2; ++k) to.P[k] = from.P[k] + dual * step.P[k];
  to.z = from.z + dual * step.z;
  to.v = from.v + dual * step.v;
  return to;
}

/// The next point; nothing where rounding leaves no way on.
std::optional<Iterate> next(const Edges& edges, const Iterate& point) {
  const Newton newton(edges, point);
  if (!newton.solvable()) return std::nullopt;
  const double now = point.complementarity();
  const Iterate predictor = newton.step(0, nullptr);
  const double share = moved(edges, point, predictor).complementarity() / now;
  return moved(edges, point, newton.step(share * share * now / point.products(), &predictor));
}

/// Rounded down, so that rows sum to at most 1, to multiples of 2^-50, so that sums of them are exact.
Matrix rounded_weights(const Edges& edges, const Vector& w) {
  Matrix weights = Matrix::Zero(edges.nodes(), edges.nodes());
  for (int e = 0; e < edges.count(); ++e) {
    const auto [i, j] = edges[e];
    weights(i, j) = weights(j, i) = std::floor(w[e] * 0x1p50) * 0x1p-50;
  }
  return weights;
}

}  // namespace

// For any matrices F_k, P_k = F_k F_k^T, and any y >= 0 with y_i + y_j >= b_e^T (P_1 - P_2) b_e for every
// edge e = ij, weak duality is
//
//   lambda tr(P_1 + P_2) >= tr (P_1 - P_2) M = tr (P_1 - P_2) (I - J) - sum_e w_e b_e^T (P_1 - P_2) b_e,
//
// and the last sum is at most sum_e w_e (y_i + y_j) = sum_i y_i (1 - W_ii) <= sum_i y_i. F_k are the Cholesky
// factors of the multipliers, y is v, raised where it has to be: it does not matter how far rounding has led
// these astray. All that is computed from them are sums of squares, of at most n terms and then of n such
// sums. Each has a relative error below (n + 4) epsilon, epsilon = 2^-52; four times that covers the edges'
// forms, and once more the traces, sum_i y_i and their quotient.
double lambda_bound(const Graph& graph, const std::array<Eigen::MatrixXd, 2>& P, const Eigen::VectorXd& v) {
  const Edges edges(graph);
  const double n = edges.nodes(), rounding = 4 * (n + 4) * std::numeric_limits<double>::epsilon();
  double value = 0, traces = 0;
  Vector forms = Vector::Zero(edges.count());
  for (int k = 0; k < 2; ++k) {
    Matrix F = Eigen::LLT<Matrix>(P[k]).matrixL();
    F.rowwise() -= F.colwise().mean().eval();  // A part along 1 would add to the trace alone.
    const double trace = F.colwise().squaredNorm().sum();
    traces += trace;
    value += sign[k] * (trace - F.colwise().sum().squaredNorm() / n);
    const Matrix columns = F.transpose();
    for (int e = 0; e < edges.count(); ++e) {
      const double form = (columns.col(edges[e].first) - columns.col(edges[e].second)).squaredNorm();
      forms[e] += sign[k] * form + rounding * form;
    }
  }
  Vector y = v.cwiseMax(0);
  for (int e = 0; e < edges.count(); ++e) {
    const auto [i, j] = edges[e];
    const double missing = std::max(forms[e] - y[i] - y[j], 0.);
    y[i] += missing / 2;
    y[j] += missing / 2;
  }
  return (value - y.sum()) / traces - rounding;
}

FastestMixing fastest_mixing(const Graph& graph) {
  const Edges edges(graph);
  if (edges.nodes() > most_nodes || edges.count() > most_edges) {
    throw TopologyError(
        fmt::format("optimal: {} nodes and {} edges are too many; allowed: at most {} nodes and {} edges "
                    "(metropolis takes any)",
                    edges.nodes(), edges.count(), most_nodes, most_edges));
  }
  if (edges.nodes() == 1) return {Matrix::Zero(1, 1), 0};
  require_connected(graph, "optimal takes graphs that are, each by itself (metropolis takes any)");

  constexpr int most_steps = 50;  // Twenty are usual.
  std::optional<Iterate> point = start(edges);
  double bound = 0;
  for (int steps = 0; point && steps < most_steps; ++steps) {
    bound = std::max(bound, lambda_bound(graph, point->P, point->v));
    if (point->s - bound <= 1e-6 * (1 - point->s)) return {rounded_weights(edges, point->w), bound};
    point = next(edges, *point);
  }
  throw TopologyError(
      fmt::format("optimal: rounding hides the optimum of this graph, where no spectral gap is above {:.1e}; "
                  "allowed: graphs on which averaging is faster (metropolis takes any)",
                  1 - bound));
}

}  // namespace gossamer
