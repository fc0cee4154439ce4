/// A growing run of bytes in network byte order, kept between uses so that sending does not allocate.
struct ByteBuffer: ~Copyable {
    private(set) var start: UnsafeMutableRawPointer
    private(set) var byteCount = 0
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        start = .allocate(byteCount: self.capacity, alignment: 8)
    }

    deinit {
        start.deallocate()
    }

    mutating func removeAll() {
        byteCount = 0
    }

    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        reserve(MemoryLayout<Value>.size)
        start.storeBytes(of: value.bigEndian, toByteOffset: byteCount, as: Value.self)
        byteCount += MemoryLayout<Value>.size
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (start + byteCount).copyMemory(from: source, byteCount: bytes.count)
        byteCount += bytes.count
    }

    mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Overwrites four bytes that were appended earlier, such as a length known only afterwards.
    mutating func patch(_ value: Int32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= byteCount, "the patched bytes exist")
        start.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    /// A copy of the bytes.
    func bytes() -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: start, count: byteCount))
    }

    mutating func reserve(_ additionalByteCount: Int) {
        let needed = byteCount + additionalByteCount
        guard needed > capacity else { return }
        let grown = max(needed, capacity * 2)
        let replacement = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 8)
        replacement.copyMemory(from: start, byteCount: byteCount)
        start.deallocate()
        start = replacement
        capacity = grown
    }
}
