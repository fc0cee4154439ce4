import Glibc

/// The size from which memory is worth large pages; smaller memory fits the processor's tables.
private let byteCountMin = 4 << 20

/// Asks the system for large pages under memory that has not been written yet.
///
/// A kernel that reads or writes at random over tens of megabytes otherwise waits for the page table
/// more than for the memory. Only whole pages inside the memory are asked for, so it takes no more
/// room; where the system says no, nothing changes.
@usableFromInline
package func adviseLargePages(_ base: UnsafeMutableRawPointer?, byteCount: Int) {
    guard let base, byteCount >= byteCountMin else { return }
    let pageSize = 2 << 20
    let address = UInt(bitPattern: base)
    let padding = Int((~address &+ 1) & UInt(pageSize - 1))
    let length = (byteCount - padding) & ~(pageSize - 1)
    guard length > 0 else { return }
    _ = madvise(base + padding, length, MADV_HUGEPAGE)
}
