// One watched kind of one operator, step by step: the real reflector, sink and store over a watch that lags,
// repeats itself and breaks.
#pragma once

#include <optional>

#include "kubernetes/reflector.h"
#include "kubernetes/store_sink.h"
#include "simulation/line.h"
#include "simulation/part.h"

namespace seraphim::simulation {

class Feed : public Part {
 public:
  Feed(Line& line, const ApiStore& store, const WorldClock& world, const MachineClock& clock, Kind kind,
       Chance chance)
      : line_(line), store_(store), world_(world), clock_(clock), kind_(kind), chance_(chance) {}

  SimTime due() const override;
  void act() override;

  Kind kind() const { return kind_; }
  virtual bool synced() const = 0;

  // Faults.
  void lag(std::chrono::milliseconds by) { extra_lag_ = by; }
  void refuse(bool on) { refused_ = on; }
  void repeat(bool on) { repeats_ = on; }
  /// The connection breaks.
  void cut();

 protected:
  virtual kubernetes::Reflector& reflector() = 0;

 private:
  std::chrono::milliseconds behind() const;
  void ask();
  void deliver();
  bool pass_on(const std::string& line);
  void end(const kubernetes::CallStatus& status);

  Line& line_;
  const ApiStore& store_;
  const WorldClock& world_;
  const MachineClock& clock_;
  const Kind kind_;
  Chance chance_;
  std::optional<WatchStream> stream_;
  SimTime wake_{}, bookmark_at_{}, ends_at_{};
  std::chrono::milliseconds lag_{5}, extra_lag_{};
  bool refused_ = false, repeats_ = false, first_sight_ = true;
};

template <typename T>
class TypedFeed final : public Feed {
 public:
  TypedFeed(Line& line, const ApiStore& store, const WorldClock& world, const MachineClock& clock, Kind kind,
            Chance chance, kubernetes::ReflectorOptions options, const kubernetes::Random& random)
      : Feed(line, store, world, clock, kind, chance),
        sink_(store_, [](const std::string&) {}),
        reflector_(std::move(options), sink_, random) {}

  kubernetes::Store<T>& store() { return store_; }
  const kubernetes::Store<T>& store() const { return store_; }
  bool synced() const override { return store_.synced(); }

 protected:
  kubernetes::Reflector& reflector() override { return reflector_; }

 private:
  kubernetes::Store<T> store_;
  kubernetes::StoreSink<T> sink_;
  kubernetes::Reflector reflector_;
};

}  // namespace seraphim::simulation
