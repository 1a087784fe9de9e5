// Measures: numbers about a run that only its algorithm knows, besides the iterates.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace gossamer {

/// A number that the programs of a run update together, for the metric of the same name. It is kept outside
/// the network: it takes no simulated time and is never sent.
class Measure {
 public:
  virtual ~Measure() = default;
  /// The present value; NaN before there is one.
  virtual double value() const = 0;
};

/// The measures of a run that are recorded.
class Measures {
 public:
  explicit Measures(std::set<std::string, std::less<>> wanted = {}) : wanted_(std::move(wanted)) {}

  /// The run's M, whose metric is M::name; made from the arguments by the first call. Null if it
  /// is not recorded.
  template <class M, class... Arguments>
  M* get(const Arguments&... arguments) {
    if (!wanted_.contains(M::name)) return nullptr;
    std::unique_ptr<Measure>& measure = all_[std::string(M::name)];
    if (!measure) measure = std::make_unique<M>(arguments...);
    return static_cast<M*>(measure.get());
  }

  /// The value of a metric, or NaN.
  double value(std::string_view name) const;

 private:
  std::set<std::string, std::less<>> wanted_;
  std::map<std::string, std::unique_ptr<Measure>, std::less<>> all_;
};

}  // namespace gossamer
