import Foundation

/// Names and their numbers in the order in which they came.
///
/// Open addressing with linear probing; the texts lie end to end. A slot holds half of the hash beside
/// the number of the name, so that only a likely match is looked at. The hash is seeded anew in each
/// process, so that nobody can write a file whose names all collide.
struct NameTable: ~Copyable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The hash in the upper half, the number of the name plus one in the lower; 0 is empty.
    private var slots: [UInt64]
    private let seed = UInt64.random(in: 0 ... .max)

    init() {
        slots = [UInt64](repeating: 0, count: 1 << 16)
    }

    var count: Int { ends.count }
    var byteCount: Int { bytes.count }

    /// The number of a name, and whether it is new.
    mutating func number(of name: UnsafeBufferPointer<UInt8>) -> (number: Int32, isNew: Bool) {
        let hash = hashed(name, seed: seed) >> 32
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot] & 0xFFFF_FFFF) - 1
            if slots[slot] >> 32 == hash, isEqual(number, name) { return (Int32(number), false) }
            slot = (slot + 1) & mask
        }
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
        slots[slot] = hash << 32 | UInt64(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return (Int32(ends.count - 1), true)
    }

    /// The text of a name.
    func withName<Result>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            body(UnsafeBufferPointer(rebasing: bytes[start(number)..<ends[number]]))
        }
    }

    private func start(_ number: Int) -> Int { number == 0 ? 0 : ends[number - 1] }

    private func isEqual(_ number: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = start(number)
        guard ends[number] - start == name.count else { return false }
        if name.isEmpty { return true }
        return bytes.withUnsafeBufferPointer { bytes in
            memcmp(
                bytes.baseAddress.unsafelyUnwrapped + start,
                name.baseAddress.unsafelyUnwrapped, name.count) == 0
        }
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 4)
        let mask = slots.count - 1
        for each in old where each != 0 {
            var slot = Int(each >> 32) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = each
        }
    }
}

/// A hash of bytes: eight at a time, each word multiplied in full and folded.
func hashed(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
    func mixed(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }
    let raw = UnsafeRawBufferPointer(bytes)
    var state = seed ^ 0x9E37_79B9_7F4A_7C15
    var index = 0
    while index + 8 <= raw.count {
        let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        state = mixed(state ^ word, 0xD6E8_FEB8_6659_FD93)
        index += 8
    }
    var rest = UInt64(raw.count) << 56
    while index < raw.count {
        rest = rest << 8 ^ UInt64(raw[index])
        index += 1
    }
    return mixed(mixed(state ^ rest, 0xA076_1D64_78BD_642F), 0xE703_7ED1_A0B4_28DB)
}
