#include "algorithms/problems/synthetic.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace gossamer {
namespace {

TEST_CASE("synthetic data have the shape asked for") {
  const DataSet data = Synthetic{.samples = 50, .features = 4, .classes = 3, .test_samples = 20}.make(1);
  CHECK(data.train.rows() == 50);
  CHECK(data.test->rows() == 20);
  CHECK(data.columns() == 4);
  CHECK(data.classes() == 3);
  CHECK(std::holds_alternative<DenseRows<double>>(data.train.features));
  CHECK_FALSE(Synthetic{.test_samples = 0}.make(1).test);
  CHECK_THROWS_WITH((Synthetic{.samples = 2, .classes = 3}.make(1)),
                    "synthetic: 2 samples of 3 classes; at least one of each is needed");
}

TEST_CASE("synthetic data depend on the seed alone") {
  const auto first_row = [](std::uint64_t seed) {
    return expanded_row(Synthetic{}.make(seed).train.features, 0);
  };
  CHECK((first_row(1) == first_row(1)).all());
  CHECK((first_row(1) != first_row(2)).any());
  // The test part, and the number of rows, leave the training rows alone.
  CHECK((expanded_row(Synthetic{.samples = 10, .test_samples = 0}.make(1).train.features, 0) == first_row(1))
            .all());
}

TEST_CASE("density and noise are the fractions they claim to be") {
  // 200,000 entries kept with probability 0.1: the fraction's standard deviation is 0.0007; 20,000 labels
  // wrong with probability 0.2: 0.0028. Six of them: a false alarm for one seed in 10^8.
  const DataSet data =
      Synthetic{
          .samples = 20000, .features = 10, .classes = 4, .density = 0.1, .noise = 0.2, .test_samples = 1}
          .make(1);
  REQUIRE(std::holds_alternative<SparseRows>(data.train.features));
  CHECK(static_cast<double>(entries(data.train.features)) / 200000 == Approx(0.1).margin(0.004));
  double wrong = 0;
  for (Index r = 0; r < 20000; ++r) wrong += data.train.labels[r] != r % 4;
  CHECK(wrong / 20000 == Approx(0.2).margin(0.017));
}

}  // namespace
}  // namespace gossamer
