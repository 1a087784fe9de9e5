#include "algorithms/problems/data/partition.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "algorithms/problems/data/data_set.hpp"
#include "sim/random.hpp"

namespace gossamer {
namespace {

std::vector<std::int32_t> random_labels(Index rows, int classes, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(rows));
  for (std::int32_t& label : labels) label = static_cast<std::int32_t>(rng.below(classes));
  return labels;
}

std::vector<std::int32_t> rows_of(const Partition& partition, int node) {
  std::vector<std::int32_t> rows;
  for (Index p = partition.start(node); p < partition.start(node + 1); ++p)
    rows.push_back(partition.row_at(p));
  return rows;
}

/// Every row once, no node empty, ascending within a node.
void require_valid(const Partition& partition, Index rows, int nodes) {
  REQUIRE(partition.nodes() == nodes);
  REQUIRE(partition.rows() == rows);
  std::vector<std::int32_t> all;
  for (int i = 0; i < nodes; ++i) {
    const std::vector<std::int32_t> mine = rows_of(partition, i);
    REQUIRE(std::ssize(mine) == partition.size(i));
    REQUIRE_FALSE(mine.empty());
    REQUIRE(std::ranges::is_sorted(mine));
    REQUIRE(partition.node_at(partition.start(i)) == i);
    REQUIRE(partition.node_at(partition.start(i + 1) - 1) == i);
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::ranges::sort(all);
  std::vector<std::int32_t> expected(static_cast<std::size_t>(rows));
  std::iota(expected.begin(), expected.end(), 0);
  REQUIRE(all == expected);
}

TEST_CASE("contiguous parts follow the file, the first ones longer") {
  const auto labels = random_labels(11, 2, 1);
  const Partition partition = Partition::make(Contiguous{}, labels, 2, 4, 1);
  require_valid(partition, 11, 4);
  CHECK(rows_of(partition, 0) == std::vector<std::int32_t>{0, 1, 2});
  CHECK(rows_of(partition, 2) == std::vector<std::int32_t>{6, 7, 8});
  CHECK(rows_of(partition, 3) == std::vector<std::int32_t>{9, 10});
}

/// A file that is in memory.
PartitionFile file_of(const std::string& text) {
  InputFile file("p.txt");
  file.content = std::make_shared<const std::string>(text);
  return {file};
}

TEST_CASE("a file says which node holds each row") {
  const auto labels = random_labels(5, 2, 1);
  // As text, as NumPy's savetxt writes numbers, with comments and ends of lines of any kind.
  for (const char* text : {"1\n0\n2\n1\n1\n", "# nodes\r\n1\r\n0\r\n2\r\n\r\n1 # the fourth\r\n1",
                           "1.000000000000000000e+00\n0.000000000000000000e+00\n2.0\n1\n1\n"}) {
    const Partition partition = Partition::make(file_of(text), labels, 2, 3, 1);
    require_valid(partition, 5, 3);
    CHECK(rows_of(partition, 0) == std::vector<std::int32_t>{1});
    CHECK(rows_of(partition, 1) == std::vector<std::int32_t>{0, 3, 4});
    CHECK(rows_of(partition, 2) == std::vector<std::int32_t>{2});
    CHECK(partition.factor(NodeWeights::rows, 1) == 9.0 / 5);  // n n_i / N
    CHECK(partition.factor(NodeWeights::equal, 1) == 1);
  }
}

TEST_CASE("a file that does not split the rows is refused with its place") {
  const auto labels = random_labels(4, 2, 1);
  const std::pair<const char*, const char*> cases[] = {
      {"0\n1\n3\n0\n", "p.txt:3:1: '3' is no node; 0 to 2 are allowed"},
      {"0\n -1\n2\n0\n", "p.txt:2:2: '-1' is no node; 0 to 2 are allowed"},
      {"0\n1.5\n2\n0\n", "p.txt:2:1: '1.5' is no node; 0 to 2 are allowed"},
      {"0\nnan\n2\n0\n", "p.txt:2:1: 'nan' is no node; 0 to 2 are allowed"},
      {"0\nb\n2\n0\n", "p.txt:2:1: 'b' is no node; 0 to 2 are allowed"},
      {"0\n1 2\n2\n0\n", "p.txt:2:3: a line is the number of one node, that of one row"},
      {"0\n1\n\n2\n",
       "p.txt:4: the file ends after 3 rows, and there are 4 training rows; a line for each is needed"},
      {"", "p.txt: the file ends after 0 rows, and there are 4 training rows; a line for each is needed"},
      {"0\n1\n2\n0\n1\n", "p.txt:5: there are more lines than the 4 training rows; one for each is needed"},
      {"0\n0\n2\n0\n", "p.txt: nodes without rows: 1; each of the 3 nodes needs one"},
      {"1\n1\n1\n1\n", "p.txt: nodes without rows: 0, 2; each of the 3 nodes needs one"},
  };
  for (const auto& [text, message] : cases) {
    CHECK_THROWS_WITH(Partition::make(file_of(text), labels, 2, 3, 1), message);
  }
  CHECK_THROWS_WITH(Partition::make(PartitionFile{"/none"}, labels, 2, 3, 1),
                    "/none: cannot be opened: No such file or directory");
}

TEST_CASE("any scheme uses every row once and leaves no node empty") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const int nodes : {1, 2, 7, 50, 199, 200}) {
      const auto labels = random_labels(200, 5, seed);
      INFO("seed " << seed << ", " << nodes << " nodes");
      require_valid(Partition::make(Contiguous{}, labels, 5, nodes, seed), 200, nodes);
      require_valid(Partition::make(Iid{}, labels, 5, nodes, seed), 200, nodes);
      for (const int held : {1, 2, 3, 5}) {
        if (nodes * held < 5) continue;
        require_valid(Partition::make(LabelsPerNode{held}, labels, 5, nodes, seed), 200, nodes);
      }
      for (const double alpha : {5e-324, 1e-300, 1e-3, 0.1, 1.0, 1e3, 1e300}) {
        INFO("alpha " << alpha);
        require_valid(Partition::make(Dirichlet{alpha}, labels, 5, nodes, seed), 200, nodes);
      }
    }
  }
}

TEST_CASE("as many nodes as rows, and many of them") {
  const auto labels = random_labels(20000, 10, 1);
  require_valid(Partition::make(Dirichlet{1e-3}, labels, 10, 20000, 1), 20000, 20000);
  require_valid(Partition::make(LabelsPerNode{2}, labels, 10, 20000, 1), 20000, 20000);
}

TEST_CASE("iid parts are near-equal, mix the rows and depend on the seed alone") {
  const auto labels = random_labels(1000, 2, 1);
  const Partition partition = Partition::make(Iid{}, labels, 2, 3, 5);
  CHECK(partition.size(0) == 334);
  CHECK(partition.size(1) == 333);
  CHECK(rows_of(partition, 0) == rows_of(Partition::make(Iid{}, labels, 2, 3, 5), 0));
  CHECK(rows_of(partition, 0) != rows_of(Partition::make(Iid{}, labels, 2, 3, 6), 0));
  CHECK(rows_of(partition, 0).back() > 900);
}

TEST_CASE("labels_per_node: node i holds the labels (i L + k) mod C") {
  const auto labels = random_labels(1000, 10, 1);
  const Partition partition = Partition::make(LabelsPerNode{2}, labels, 10, 7, 1);
  for (int i = 0; i < 7; ++i) {
    std::set<int> held;
    for (const std::int32_t row : rows_of(partition, i)) held.insert(labels[row]);
    CHECK(held == std::set<int>{2 * i % 10, (2 * i + 1) % 10});
  }
  // Labels 0 to 3 are at two nodes each, which share their rows near-equally.
  const Index both = partition.size(0) + partition.size(5);
  CHECK(both == std::ranges::count_if(labels, [](int label) { return label < 2; }));
  CHECK(std::abs(partition.size(0) - partition.size(5)) <= 2);
}

TEST_CASE("dirichlet: small alpha concentrates the classes, large alpha spreads them") {
  // The share of a class at its main holder: near 1 for alpha << 1, near 1/n for alpha >> 1.
  const auto labels = random_labels(10000, 4, 1);
  const auto largest_share = [&](double alpha) {
    const Partition partition = Partition::make(Dirichlet{alpha}, labels, 4, 5, 3);
    std::vector<Index> count(5);
    for (int i = 0; i < 5; ++i) {
      const auto rows = rows_of(partition, i);
      count[i] = std::ranges::count_if(rows, [&](std::int32_t row) { return labels[row] == 0; });
    }
    return static_cast<double>(*std::ranges::max_element(count)) /
           static_cast<double>(std::ranges::count(labels, 0));
  };
  CHECK(largest_share(1e-3) > 0.99);
  CHECK(largest_share(1e3) < 0.25);
}

/// A mean over many seeds, and whether it is what it should be. Of a mean of 400 values, which is nearly
/// normal, six standard errors are exceeded with probability 2e-9; some thirty are looked at here.
struct Mean {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  void require(double expected) const {
    const double mean = sum / count;
    INFO("mean " << mean << ", expected " << expected);
    CHECK(std::abs(mean - expected) <= 6 * std::sqrt((squares / count - mean * mean) / count));
  }
};
constexpr std::uint64_t seeds = 400;

/// Over the seeds, node i holds expected[i] rows in the mean.
void require_mean_sizes(const PartitionScheme& scheme, const std::vector<std::int32_t>& labels, int classes,
                        const std::vector<double>& expected) {
  std::vector<Mean> sizes(expected.size());
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const int nodes = static_cast<int>(expected.size());
    const Partition partition = Partition::make(scheme, labels, classes, nodes, seed);
    for (int i = 0; i < nodes; ++i) sizes[i].add(static_cast<double>(partition.size(i)));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("node " << i);
    sizes[i].require(expected[i]);
  }
}

/// Over the seeds, each node holds N / n rows in the mean.
void require_no_favourites(const PartitionScheme& scheme, const std::vector<std::int32_t>& labels,
                           int classes, int nodes) {
  const double share = static_cast<double>(labels.size()) / nodes;
  require_mean_sizes(scheme, labels, classes, std::vector<double>(static_cast<std::size_t>(nodes), share));
}

/// So many rows of each class.
std::vector<std::int32_t> equal_classes(int classes, int rows) {
  std::vector<std::int32_t> labels;
  for (int row = 0; row < rows * classes; ++row) labels.push_back(row % classes);
  return labels;
}

TEST_CASE("dirichlet: every node holds its share in the mean, where shares are a few rows", "[statistical]") {
  require_no_favourites(Dirichlet{1}, equal_classes(10, 10), 10, 12);
}

TEST_CASE("labels_per_node: who gets the row that is left over is drawn", "[statistical]") {
  // Each of five classes has seven rows and two holders. Nodes 3 and 4 come second in all that they hold.
  require_no_favourites(LabelsPerNode{2}, equal_classes(5, 7), 5, 5);
}

TEST_CASE("labels_per_node: a label of more holders is shared among more", "[statistical]") {
  // Seven rows of each label. Node 0 shares both of its labels, node 1 has label 3 to itself, node 2 label 4.
  const std::vector<double> expected = {7, 10.5, 10.5, 7};
  require_mean_sizes(LabelsPerNode{2}, equal_classes(5, 7), 5, expected);
}

TEST_CASE("nodes that would be empty are given rows of any class by any node", "[statistical]") {
  // At this alpha each class goes to one node, and the other nodes get one row each.
  const auto labels = equal_classes(2, 5);
  require_no_favourites(Dirichlet{1e-3}, labels, 2, 4);
  Mean of_class_1;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Partition partition = Partition::make(Dirichlet{1e-3}, labels, 2, 4, seed);
    int balance = 0;
    for (int i = 0; i < 4; ++i) {
      if (partition.size(i) == 1) balance += labels[rows_of(partition, i).front()] == 1 ? 1 : -1;
    }
    of_class_1.add(balance);
  }
  of_class_1.require(0);
}

TEST_CASE("partitions that cannot be are refused") {
  const auto labels = random_labels(30, 10, 1);
  CHECK_THROWS_WITH(Partition::make(Contiguous{}, labels, 10, 31, 1),
                    "31 nodes cannot share 30 training rows; 1 to 30 nodes are allowed");
  CHECK_THROWS_WITH(
      Partition::make(LabelsPerNode{2}, labels, 10, 4, 1),
      "labels_per_node: 4 nodes with 2 labels each cannot hold all of the 10 labels; nodes x labels "
      "must be at least 10");
  CHECK_THROWS_WITH(Partition::make(LabelsPerNode{11}, labels, 10, 4, 1),
                    "labels_per_node: 11 labels a node, but the data have 10; 1 to 10 are allowed");
  CHECK_THROWS_AS(Partition::make(Dirichlet{0}, labels, 10, 4, 1), DataError);
}

}  // namespace
}  // namespace gossamer
