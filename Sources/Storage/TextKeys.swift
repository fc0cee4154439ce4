import AnomalyDetection

/// Collects the keys of texts as they arrive in bytes.
struct TextKeys {
    private var keys: [UInt64] = []

    mutating func insert(_ bytes: UnsafeRawBufferPointer?) {
        if let bytes { keys.append(textKey(utf8: bytes)) }
    }

    /// The keys, each once, ascending.
    consuming func finish() -> [UInt64] {
        guard keys.count > 1 else { return keys }
        keys.sort()
        var last = keys[0]
        var distinct = [last]
        distinct.reserveCapacity(keys.count)
        for key in keys.dropFirst() where key != last {
            distinct.append(key)
            last = key
        }
        return distinct
    }
}
