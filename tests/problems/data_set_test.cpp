#include "algorithms/problems/data/data_set.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/problems/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

DataSet one_part(Form form, Index rows) {
  return make_data_set("mine", random_rows(form, rows, 5, 2, 1));
}

TEST_CASE("rows that are held out leave the training part, in their order") {
  for (const Form form : {Form::dense, Form::bytes, Form::sparse, Form::one_hot}) {
    INFO(to_string(form));
    const DataSet whole = one_part(form, 100), split = hold_out(whole, 30, 1);
    REQUIRE(split.train.rows() == 70);
    REQUIRE(split.test->rows() == 30);
    CHECK(split.name == "mine");
    CHECK(split.label_values == whole.label_values);
    // Merged, both parts are the whole again.
    Index train = 0, test = 0;
    for (Index r = 0; r < 100; ++r) {
      const Vector row = expanded_row(whole.train.features, r);
      const auto is_next = [&](const Samples& part, Index next) {
        return next < part.rows() && part.labels[next] == whole.train.labels[r] &&
               (expanded_row(part.features, next) == row).all();
      };
      const bool in_train = is_next(split.train, train);
      REQUIRE((in_train || is_next(*split.test, test)));
      ++(in_train ? train : test);
    }
  }
}

TEST_CASE("which rows are held out depends on the seed") {
  const DataSet whole = one_part(Form::dense, 100);
  const auto first = [&](std::uint64_t seed) {
    return expanded_row(hold_out(whole, 30, seed).test->features, 0)[0];
  };
  CHECK(first(1) == first(1));
  CHECK((first(1) != first(2) || first(1) != first(3)));
}

TEST_CASE("rows are held out where that makes sense only") {
  const DataSet whole = one_part(Form::sparse, 10);
  CHECK_THROWS_WITH(hold_out(*random_data(Form::sparse, 10, 5, 2), 1, 1),
                    "data set 'random sparse' has a test part; only if there is none can rows be held out");
  CHECK_THROWS_WITH(hold_out(whole, 10, 1),
                    "data set 'mine': 10 of 10 rows held out leave none to train on; at most 9 are allowed");
  CHECK(hold_out(whole, 9, 1).train.rows() == 1);
}

}  // namespace
}  // namespace gossamer
