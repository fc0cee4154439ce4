import CLibPQ

/// The parameters of one statement in the form libpq takes, in memory that is kept between statements.
struct ParameterBuffer: ~Copyable {
    private var bytes = ByteBuffer(capacity: 4096)
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var values: [UnsafePointer<CChar>?] = []
    private var formats: [Int32] = []

    /// The most parameters that the protocol can count.
    static let parameterCountMax = 65_535

    /// Replaces the contents by parameters that were found valid.
    mutating func encode(_ parameters: [PostgresParameter]) {
        bytes.removeAll()
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for parameter in parameters {
            let offset = bytes.byteCount
            let isValue = parameter.encode(into: &bytes)
            offsets.append(isValue ? offset : -1)
            lengths.append(Int32(clamping: bytes.byteCount - offset))
        }
        resolvePointers()
    }

    /// Calls `send` with values, lengths and formats.
    func withArguments<Result>(
        _ send: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        send(values, lengths, formats)
    }

    /// Pointers are taken last, because the bytes move while they grow.
    private mutating func resolvePointers() {
        values.removeAll(keepingCapacity: true)
        let start = UnsafeRawPointer(bytes.start)
        for offset in offsets {
            values.append(
                offset < 0 ? nil : (start + offset).assumingMemoryBound(to: CChar.self))
        }
        // One is the code of the binary format.
        while formats.count < offsets.count { formats.append(1) }
    }
}
