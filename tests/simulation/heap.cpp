// operator new and delete for the simulator: a run makes and drops hundreds of thousands of small JSON
// nodes, and a list of free blocks for each size takes a fraction of what malloc does.
//
// Blocks up to kLargest come from one reserved stretch of addresses, cut into chunks of one size each; a
// block that is given back waits in its list for the next of its size. Everything larger is malloc's.
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kReserved = std::size_t(16) << 30, kChunk = std::size_t(64) << 10;
constexpr std::size_t kGrain = 16, kSmall = 1024, kLargest = 16'384;
constexpr std::size_t kClasses = kSmall / kGrain + std::bit_width(kLargest / kSmall);

struct Block {
  Block* next;
};

std::byte* reserve() {
  void* reserved =
      mmap(nullptr, kReserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return reserved == MAP_FAILED ? nullptr : static_cast<std::byte*>(reserved);
}

constinit std::atomic<std::byte*> reserved_begin = nullptr;
constinit std::atomic<std::size_t> chunks_used = 0;
constinit std::array<std::uint8_t, kReserved / kChunk> class_of_chunk{};
// In a program, not a library, this costs no look-up. What another thread made goes to the list of whoever
// drops it.
constinit thread_local std::array<Block*, kClasses> free_blocks{};

constexpr std::size_t class_of(std::size_t size) {
  if (size <= kSmall) return (size + kGrain - 1) / kGrain;
  return kSmall / kGrain + static_cast<std::size_t>(std::bit_width((size - 1) / kSmall));
}

constexpr std::size_t size_of(std::size_t index) {
  constexpr std::size_t kLinear = kSmall / kGrain;
  return index <= kLinear ? index * kGrain : kSmall << (index - kLinear);
}

Block* refill(std::size_t index) {
  static std::byte* const begin = reserve();
  const std::size_t chunk = chunks_used++;
  if (begin == nullptr || chunk >= class_of_chunk.size()) throw std::bad_alloc();
  reserved_begin = begin;
  class_of_chunk[chunk] = static_cast<std::uint8_t>(index);
  Block* first = nullptr;
  const std::size_t size = size_of(index);
  for (std::size_t at = kChunk / size; at-- > 0;)
    first = new (begin + chunk * kChunk + at * size) Block{first};
  return first;
}

}  // namespace

void* operator new(std::size_t size) {
  if (size > kLargest) {
    void* large = std::malloc(size);
    if (large == nullptr) throw std::bad_alloc();
    return large;
  }
  const std::size_t index = class_of(size == 0 ? 1 : size);
  Block* block = free_blocks[index];
  if (block == nullptr) block = refill(index);
  free_blocks[index] = block->next;
  return block;
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(memory) -
                                               reserved_begin.load(std::memory_order_relaxed));
  if (offset >= kReserved) return std::free(memory);
  const std::size_t index = class_of_chunk[offset / kChunk];
  free_blocks[index] = new (memory) Block{free_blocks[index]};
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
