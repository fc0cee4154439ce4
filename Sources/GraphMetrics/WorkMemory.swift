/// Memory of a kernel of several parts, all of it freed at once.
///
/// The parts hand plain pointers to each other and to their threads, whose lifetime the compiler does
/// not see: so one owner stays alive around the whole kernel (`withExtendedLifetime`), and buffers are
/// used again from level to level instead of being freed on the way.
final class WorkMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// Room for `count` elements, not initialized; pages never written to take no memory.
    func room<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type) -> Shared<Element> {
        let base = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
        blocks.append(UnsafeMutableRawPointer(base))
        return Shared(base: base)
    }

    /// Room for `count` elements, each equal to `value`.
    func room<Element: BitwiseCopyable>(
        _ count: Int, repeating value: Element
    ) -> Shared<Element> {
        let shared = room(count, of: Element.self)
        shared.base.initialize(repeating: value, count: count)
        return shared
    }

    deinit {
        for block in blocks { block.deallocate() }
    }
}

/// Memory that the threads of one loop share.
///
/// Unchecked because the compiler cannot see who writes what: in each loop a thread writes only the
/// entries of its own items and reads no entry that another thread writes in that loop.
struct Shared<Element: BitwiseCopyable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>

    @inline(__always)
    subscript(index: Int) -> Element {
        get { base[index] }
        nonmutating set { base[index] = newValue }
    }

    @inline(__always)
    subscript(index: Int32) -> Element {
        get { base[Int(index)] }
        nonmutating set { base[Int(index)] = newValue }
    }
}
