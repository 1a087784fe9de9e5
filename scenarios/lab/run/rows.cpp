#include "scenarios/lab/run/rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

/// The mean of the columns; from the first on, so that the mean of equal points is that point.
Vector mean_of(const Eigen::ArrayXXd& columns) {
  Vector mean = Vector::Zero(columns.rows());
  for (Index i = 1; i < columns.cols(); ++i) mean += columns.col(i) - columns.col(0);
  if (columns.cols() > 0) mean = columns.col(0) + mean / static_cast<double>(columns.cols());
  return mean;
}

/// The trace is in memory to the end of the run.
constexpr std::size_t most_bytes = 4'000'000'000;

}  // namespace

Rows::Rows(const Setup& setup, Pool& pool, Trace& trace)
    : setup_(setup),
      pool_(pool),
      trace_(trace),
      own_loss_(setup.scenario.wants("node_loss")),
      own_train_(setup.scenario.wants("node_train_accuracy")),
      own_test_(setup.scenario.wants("node_test_accuracy") || setup.scenario.wants("worst_test_accuracy")) {
  trace_.node_count = setup_.workers();
  for (const Metric& metric : metrics_of(setup_.facts)) {
    if (metric.evaluated == Metric::Evaluated::by_name && !setup_.scenario.wants(metric.name)) continue;
    metrics_.push_back(metric);
    trace_.metrics.push_back({metric.name, {}});
    if (!find_metric(metric.name)) trace_.scores[metric.name] = text_of(metric.better);
  }
  if (const auto& names = setup_.scenario.record.vectors) {
    trace_.dimension = static_cast<std::size_t>(setup_.problem->dimension());
    for (const std::string& name : *names) trace_.vectors.push_back({name, {}});
    if (const auto rows = setup_.scenario.rows_if_known()) {
      reserve_vectors(static_cast<std::size_t>(*rows) + 1);  // And the last.
    }
  }
  if (setup_.scenario.record.nodes) {
    trace_.nodes = {{"time", {}}, {"compute_time", {}}, {"bits", {}}, {"gradients", {}}};
    if (own_loss_) trace_.nodes.push_back({"loss", {}});
    if (own_train_) trace_.nodes.push_back({"train_accuracy", {}});
    if (own_test_) trace_.nodes.push_back({"test_accuracy", {}});
  }
}

/// A column that grows step by step needs up to three times its memory.
void Rows::reserve_vectors(std::size_t rows) {
  const std::size_t of_row = trace_.dimension * static_cast<std::size_t>(setup_.nodes());
  const std::size_t of_all = sizeof(double) * of_row * trace_.vectors.size();
  if (of_all == 0 || rows > most_bytes / of_all) return;
  for (auto& column : trace_.vectors) column.values.reserve(rows * of_row);
}

Evaluation Rows::evaluate(const Vector& x, const Vector& state) const {
  if (!x.allFinite() || !state.allFinite()) return {};
  const Scenario& scenario = setup_.scenario;
  const auto& kept = scenario.record.vectors;
  const bool is_kept = kept && std::ranges::count(*kept, "full_gradient") > 0;
  const Wanted wanted{.gradient = is_kept || scenario.wants("grad_norm"),
                      .test = std::ranges::any_of(metrics_,
                                                  [&](const Metric& metric) {
                                                    return metric.name.starts_with("test_") &&
                                                           scenario.wants(metric.name);
                                                  }),
                      .validation = scenario.wants("validation_accuracy"),
                      .state = &state};
  return setup_.problem->evaluate(x, wanted, pool_);
}

/// f at the x and the state of each worker, as far as it is asked for.
std::vector<Evaluation> Rows::evaluate_own(const Values& values) const {
  std::vector<Evaluation> own;
  for (Index i = 0; i < setup_.workers(); ++i) {
    const Vector x = values.x.col(i);
    const Vector state = values.states.size() > 0 ? Vector(values.states.col(i)) : Vector();
    const Wanted wanted{.gradient = false,
                        .test = own_test_,
                        .validation = false,
                        .train = own_loss_ || own_train_,
                        .state = &state};
    own.push_back(x.allFinite() && state.allFinite() ? setup_.problem->evaluate(x, wanted, pool_)
                                                     : Evaluation{});
  }
  return own;
}

bool Rows::add(double iteration, double updates, const Standing& standing, const Evaluation* known) {
  const auto& [values, times] = standing;
  const Index n = setup_.workers();
  const Vector mean = mean_of(values.x);
  const Vector& x = values.server_x.size() > 0 ? values.server_x : mean;
  const Evaluation f = known ? *known : evaluate(x, mean_of(values.states));
  std::vector<Evaluation> own;
  if (own_loss_ || own_train_ || own_test_) {
    own = known ? std::vector(static_cast<std::size_t>(n), *known) : evaluate_own(values);
  }

  const Row row{setup_.facts, iteration, updates, values, times, mean, x, f, own};
  std::vector<double> numbers;
  for (const Metric& metric : metrics_) {
    const bool asked = metric.evaluated == Metric::Evaluated::never || setup_.scenario.wants(metric.name);
    numbers.push_back(asked ? metric.value(row) : Evaluation::none);
  }
  // NaN in a row says that nobody asked.
  if (!std::isfinite(f.loss) || !f.gradient.allFinite() ||
      std::ranges::any_of(numbers, [](double number) { return std::isinf(number); })) {
    trace_.status = Trace::Status::diverged;
    trace_.diverged_at = static_cast<std::int64_t>(iteration);
    return false;
  }
  require_memory();
  for (std::size_t k = 0; k < numbers.size(); ++k) trace_.metrics[k].values.push_back(numbers[k]);
  add_of_nodes(standing, own);
  for (std::size_t k = 0; k < values.vectors.size(); ++k) {
    Column& column = trace_.vectors[k];
    const auto append = [&](const auto& vectors) {
      column.values.insert(column.values.end(), vectors.data(), vectors.data() + vectors.size());
    };
    column.name == "full_gradient" ? append(f.gradient) : append(values.vectors[k]);
  }
  if (setup_.scenario.record.parameters == Parameters::final) {
    trace_.parameters.assign(values.x.data(), values.x.data() + values.x.size());
    trace_.server_parameters.assign(values.server_x.begin(), values.server_x.end());
  }
  return true;
}

void Rows::require_memory() const {
  const std::size_t of_vectors = trace_.dimension * static_cast<std::size_t>(setup_.nodes());
  const std::size_t columns =
      trace_.metrics.size() + trace_.nodes.size() * trace_.node_count + trace_.vectors.size() * of_vectors;
  if (sizeof(double) * columns * trace_.rows() < most_bytes && trace_.rows() < most_rows) return;
  throw std::runtime_error(
      "the trace has " + std::to_string(trace_.rows()) +
      " rows, and no room for more; record less often (record.every), not each node (record.nodes), or "
      "less of it (record.vectors)");
}

void Rows::add_of_nodes(const Standing& standing, const std::vector<Evaluation>& own) {
  if (trace_.nodes.empty()) return;
  const auto& [values, times] = standing;
  const std::vector<double>* columns[] = {&times.time, &times.compute_time, &values.bits, &values.gradients};
  for (std::size_t k = 0; k < std::size(columns); ++k) {
    auto& column = trace_.nodes[k].values;
    column.insert(column.end(), columns[k]->begin(), columns[k]->begin() + setup_.workers());
  }
  auto next = trace_.nodes.begin() + std::size(columns);
  for (const auto& [is_asked, measure] : {std::pair(own_loss_, &Evaluation::loss),
                                          {own_train_, &Evaluation::train_accuracy},
                                          {own_test_, &Evaluation::test_accuracy}}) {
    if (!is_asked) continue;
    for (const Evaluation& at_own : own) next->values.push_back(at_own.*measure);
    ++next;
  }
}

bool Rows::target_reached() const {
  const auto& target = setup_.scenario.stop.target;
  if (!target || trace_.status == Trace::Status::diverged) return false;
  return std::ranges::all_of(target->values, [&](const auto& wanted) {
    const double value = trace_.last(wanted.first);
    const bool rises = std::ranges::find(metrics_, wanted.first, &Metric::name)->rises();
    return rises ? value >= wanted.second : value <= wanted.second;
  });
}

bool Rows::enough_bits(const Values& values) const {
  const auto& bits = setup_.scenario.stop.bits;
  return bits &&
         std::accumulate(values.bits.begin(), values.bits.end(), 0.0) >= static_cast<double>(bits->count);
}

}  // namespace gossamer
