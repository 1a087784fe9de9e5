// What every codec must satisfy. A new one joins with a line in all_compressors() of samples.hpp and its
// definition in definitions.hpp.
#include <catch2/catch.hpp>
#include <typeinfo>

#include "tests/compressors/definitions.hpp"
#include "tests/compressors/samples.hpp"

namespace gossamer {
namespace {

using namespace testing;

constexpr Index dimensions[] = {1, 2, 3, 10, 63, 64, 65, 100, 129, 1000};

/// The first coordinate in which two vectors differ by more than the last digits that the wire can carry, or
/// -1.
Index first_difference(const Vector& a, const Vector& b, Wire wire) {
  const double relative = wire == Wire::float64 ? 1e-13 : 2 * range_of(wire).digit;
  const double absolute = range_of(wire).denormal;
  for (Index j = 0; j < a.size(); ++j) {
    if (!(std::abs(a[j] - b[j]) <= relative * std::abs(b[j]) + absolute)) return j;
  }
  return -1;
}

/// Calls check(sample, x, wire) for everything there is.
template <class Check>
void for_all(Check check) {
  for (const NamedCompressor& sample : all_compressors()) {
    for (const Wire wire : wires) {
      for (const Index d : dimensions) {
        for (const auto& [vector_name, x] : vectors(d, wire)) {
          INFO(sample.name << ", " << vector_name << ", d = " << d << ", "
                           << names(wire)[static_cast<int>(wire)]);
          check(sample, x, wire);
        }
      }
    }
  }
}

TEST_CASE("a decoded message is C(x) by definition, and as long as the table says", "[compressors]") {
  for_all([](const NamedCompressor& sample, const Vector& x, Wire wire) {
    const Compressor& compressor = sample.compressor;
    Rng rng(3), same(3);
    const Encoded message = encode(compressor, x, wire, rng);
    Vector decoded = zeros_like(x);
    add_decoded(compressor, message, wire, 1, decoded);
    const Definition expected =
        std::visit([&](const auto& codec) { return definition(codec, x, wire, same); }, sample.codec);
    const Index j = first_difference(decoded, expected.value, wire);
    if (j >= 0) FAIL("coordinate " << j << ": " << decoded[j] << ", not " << expected.value[j]);
    if (message.bits != Bits{expected.bits}) FAIL(message.bits.count << " bits, not " << expected.bits);
    CHECK(message.bits_paper == message.bits);
    CHECK(bits(compressor, x.size(), wire).value_or(message.bits) == message.bits);
    // It drew as many random numbers as the definition.
    CHECK(rng.next() == same.next());
  });
}

TEST_CASE("a message of layers is that of each, one behind the other", "[compressors]") {
  for_all([](const NamedCompressor& sample, const Vector& x, Wire wire) {
    const Compressor& compressor = sample.compressor;
    const Index d = x.size();
    const Layers layers = d < 3 ? Layers(static_cast<std::size_t>(d), 1) : Layers{1, d - 1 - d / 3, d / 3};
    Rng rng(5), same(5);
    const Encoded message = encode(compressor, x, wire, rng, layers);
    Vector decoded = zeros_like(x), expected(d);
    add_decoded(compressor, message, wire, 1, decoded, layers);
    Bits together{};
    Index first = 0;
    for (const Index size : layers) {
      const Vector layer = x.segment(first, size);
      const Encoded alone = encode(compressor, layer, wire, same);
      Vector decoded_alone = zeros_like(layer);
      add_decoded(compressor, alone, wire, 1, decoded_alone);
      expected.segment(first, size) = decoded_alone;
      together += alone.bits;
      first += size;
    }
    CHECK((decoded == expected).all());
    CHECK(message.bits == together);
    CHECK(rng.next() == same.next());
  });
}

TEST_CASE("a weighted message is added to what is there", "[compressors]") {
  for_all([](const NamedCompressor& sample, const Vector& x, Wire wire) {
    const Compressor& compressor = sample.compressor;
    Rng rng(4);
    const Encoded message = encode(compressor, x, wire, rng);
    Vector decoded = zeros_like(x), sum = Vector::LinSpaced(x.size(), -1, 2);
    add_decoded(compressor, message, wire, 1, decoded);
    const Vector expected = sum + -0.3 * decoded;
    add_decoded(compressor, message, wire, -0.3, sum);
    CHECK((sum - expected).abs().maxCoeff() <= 1e-15 * (2 + expected.abs().maxCoeff()));
  });
}

TEST_CASE("messages do not depend on where x lies in memory, nor on what stands before them",
          "[compressors]") {
  for (const auto& [name, codec, compressor] : all_compressors()) {
    INFO(name);
    for (const Wire wire : wires) {
      const Vector x = random_vector(200, 5);
      for (const Index shift : {0, 1, 2, 3}) {
        const Vector shifted = [&] {
          Vector longer(203);
          longer.segment(shift, 200) = x;
          return longer;
        }();
        Rng rng(6), same(6);
        const Encoded alone = encode(compressor, x, wire, rng);
        BitWriter out;
        out.put(5, static_cast<int>(3 + shift));
        compressor->encode(coordinates(shifted).subspan(static_cast<std::size_t>(shift), 200), wire, same,
                           out);
        out.put(1, 1);
        const Encoded together = out.finish();
        CHECK(together.bits == alone.bits + Bits{4 + shift});

        Vector expected = zeros_like(x), decoded = zeros_like(x);
        add_decoded(compressor, alone, wire, 1, expected);
        BitReader in(together);
        CHECK(in.get(static_cast<int>(3 + shift)) == 5);
        compressor->add_decoded(in, wire, 1, coordinates(decoded));
        CHECK(in.get(1) == 1);
        in.finish();
        CHECK((decoded == expected).all());
      }
    }
  }
}

TEST_CASE("an empty vector has a message", "[compressors]") {
  for (const auto& [name, codec, compressor] : all_compressors()) {
    INFO(name);
    for (const Wire wire : wires) {
      Rng rng(7);
      Vector empty(0);
      const Encoded message = encode(compressor, empty, wire, rng);
      CHECK(bits(compressor, 0, wire).value_or(message.bits) == message.bits);
      REQUIRE_NOTHROW(add_decoded(compressor, message, wire, 1, empty));
      (void)theory(compressor, 0);
    }
  }
}

TEST_CASE("sparse vectors have the messages of dense ones", "[compressors]") {
  const auto check = [](const auto& codec, const Vector& x, Wire wire) {
    const Index d = x.size();
    SparseVector sparse = to_sparse(x);
    if (d > 32 && x[32] == 0) {  // Zeros may be listed, too.
      const auto at = std::ranges::lower_bound(sparse.indices, 32) - sparse.indices.begin();
      sparse.indices.insert(sparse.indices.begin() + at, 32);
      sparse.values.insert(sparse.values.begin() + at, 0);
    }
    Rng rng(7), sparse_rng(7);
    BitWriter out;
    codec.encode(sparse, d, wire, sparse_rng, out);
    const Encoded message = out.finish(), expected = encode(codec, x, wire, rng);
    REQUIRE(message.bits == expected.bits);
    REQUIRE(message.bytes == expected.bytes);
    REQUIRE(sparse_rng.next() == rng.next());
    Vector sum = Vector::Zero(d);
    add_decoded(codec, message, wire, 1, sum);
    BitReader in(message);
    REQUIRE((to_dense(codec.decode(in, wire, d), d) == sum).all());
    REQUIRE_NOTHROW(in.finish());
  };
  for (const Index d : {0, 1, 31, 32, 33, 64, 100, 1000}) {
    for (const Wire wire : wires) {
      for (const auto& [name, x] : vectors(d, wire)) {
        INFO(name << ", d = " << d);
        check(Ternary{}, x, wire);
        check(Threshold{}, x, wire);
        check(Threshold{.optimal = true}, x, wire);
      }
    }
  }
  Rng rng(7);
  BitWriter out;
  const SparseVector bad{{3, 8}, {1, std::nan("")}};
  REQUIRE_THROWS_WITH(Threshold{}.encode(bad, 9, Wire::float32, rng, out),
                      "coordinate 8 of a message, nan, is not a finite float32");
}

TEST_CASE("what is not finite is refused by its coordinate", "[compressors]") {
  for (const auto& [name, codec, compressor] : all_compressors()) {
    INFO(name);
    for (const Wire wire : wires) {
      for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        for (const Index d : {6, 100, 300}) {
          for (const Index j : {Index{0}, Index{5}, d - 1}) {
            Vector x = random_vector(d, 8);
            x[j] = bad;
            Rng rng(9);
            REQUIRE_THROWS_AS(encode(compressor, x, wire, rng), WireError);
            REQUIRE_THROWS_WITH(encode(compressor, x, wire, rng),
                                Catch::StartsWith("coordinate " + std::to_string(j) + " of a message, "));
          }
        }
      }
    }
  }
}

TEST_CASE("the largest number that the wire carries is sent, larger ones are refused", "[compressors]") {
  for (const Wire wire : wires) {
    const double largest = range_of(wire).largest;
    const Vector x = Vector::Constant(7, -largest);
    for (const Compressor& compressor :
         {Compressor(Identity{}), Compressor(ScaledSign{}), Compressor(Ternary{}), Compressor(Threshold{}),
          Compressor(Threshold{.optimal = true}), Compressor(TopK{.k = 2}), Compressor(RandomK{.k = 2}),
          Compressor(SparsifyMinVariance{.k = 7}), Compressor(SparsifyUniform{.k = 7})}) {
      const Compressor::Interface& codec = *compressor;
      INFO(typeid(codec).name() << ", " << names(wire)[static_cast<int>(wire)]);
      Rng rng(10);
      CHECK(compressed(compressor, x, wire, rng).minCoeff() == -largest);
      if (wire != Wire::float64) CHECK_THROWS_AS(encode(compressor, 1.1 * x, wire, rng), WireError);
    }
    // Unbiased codecs may send more than the largest coordinate.
    for (const Compressor& compressor :
         {Compressor(Qsgd{.levels = 4}), Compressor(RandomK{.k = 2, .unbiased = true})}) {
      Rng rng(10);
      CHECK_NOTHROW(encode(compressor, 0.1 * x, wire, rng));
      CHECK_THROWS_AS(encode(compressor, x, wire, rng), WireError);
    }
    Rng rng(10);
    CHECK_NOTHROW(encode(Sign{}, x, wire, rng));
  }
}

TEST_CASE("codecs say what their parameters lack", "[compressors]") {
  REQUIRE_THROWS_WITH(require(TopK{}, 5), "neither k nor fraction is given; give one of them");
  REQUIRE_THROWS_WITH(require(RandomK{.k = 2, .fraction = 0.5}, 5),
                      "k and fraction are both given; give one of them");
  REQUIRE_THROWS_WITH(require(SparsifyUniform{.k = 6}, 5), "k is 6, but it has to be in [1, d], d = 5");
  REQUIRE_THROWS_WITH(require(SparsifyMinVariance{.k = 0}, 5), "k is 0, but it has to be in [1, d], d = 5");
  REQUIRE_THROWS_WITH(require(TopK{.fraction = 1.5}, 5), "fraction is 1.5, but it has to be in (0, 1]");
  REQUIRE_THROWS_AS(require(TopK{.fraction = std::nan("")}, 5), std::invalid_argument);
  REQUIRE_THROWS_WITH(require(SparsifyUniform{.k = 6}, Index{1} << 32),
                      "d is 4294967296, but the number of survivors has 32 bits");
  REQUIRE_THROWS_WITH(require(Qsgd{.levels = 0}, 5), "levels is 0; it has to be at least 1");
  Rng rng(1);
  REQUIRE_THROWS_AS(encode(TopK{}, Vector::Zero(3), Wire::float32, rng), std::invalid_argument);
  for (const auto& [name, codec, compressor] : all_compressors()) {
    INFO(name);
    for (const Index d : {1, 2, 1000}) REQUIRE_NOTHROW(require(compressor, d));
  }
}

TEST_CASE("a vector with fewer than k coordinates is sent as it is", "[compressors]") {
  for (const Compressor& compressor :
       {Compressor(TopK{.k = 9}), Compressor(RandomK{.k = 9, .unbiased = true}),
        Compressor(SparsifyMinVariance{.k = 9}), Compressor(SparsifyUniform{.k = 9})}) {
    Rng rng(11);
    const Vector x = random_vector(4, 12);
    CHECK((compressed(compressor, x, Wire::float64, rng) == x).all());
  }
}

TEST_CASE("papers count sparse messages in their ways", "[compressors]") {
  const Vector x = random_vector(100, 13);
  const auto paper_bits = [&](const Compressor& compressor, Wire wire) {
    Rng rng(14);
    const Encoded message = encode(compressor, x, wire, rng);
    CHECK(bits(compressor, 100, wire).value_or(message.bits) == message.bits);
    CHECK(message.bits_paper != message.bits);
    return message.bits_paper.count;
  };
  using enum Accounting;
  CHECK(paper_bits(TopK{.k = 5, .accounting = values}, Wire::float32) == 5 * 32);
  CHECK(paper_bits(TopK{.k = 5, .accounting = values}, Wire::float64) == 5 * 64);
  CHECK(paper_bits(TopK{.k = 5, .accounting = pairs}, Wire::float32) == 5 * 64);
  CHECK(paper_bits(TopK{.k = 5, .accounting = pairs}, Wire::float64) == 5 * 64);
  CHECK(paper_bits(RandomK{.k = 5, .accounting = values}, Wire::float32) == 5 * 32);
  CHECK(paper_bits(RandomK{.k = 5, .accounting = values, .shared_seed = true}, Wire::float32) == 5 * 32);
  // The sum of all probabilities is 100 here, so all survive.
  CHECK(paper_bits(SparsifyUniform{.fraction = 1, .accounting = values}, Wire::float32) == 100 * 32);
  CHECK(paper_bits(SparsifyMinVariance{.fraction = 1, .accounting = pairs}, Wire::float64) == 100 * 64);
  for (const auto& [name, codec, compressor] : all_compressors()) {
    INFO(name);
    Rng rng(14);
    const Encoded message = encode(compressor, x, Wire::float32, rng);
    CHECK(message.bits_paper == message.bits);
  }
}

}  // namespace
}  // namespace gossamer
