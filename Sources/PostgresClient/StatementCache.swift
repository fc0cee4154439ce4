import CLibPQ

/// The statements that the server keeps prepared for one connection, keyed by their SQL text.
///
/// Bounded: the one unused for longest goes first, and its name waits in `retired` until the
/// connection tells the server.
struct StatementCache {
    /// A statement as the server knows it.
    struct Entry {
        let name: String
        /// The declared types; zero where the server inferred one.
        let types: [Oid]
        fileprivate var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var useCount: UInt64 = 0
    private var nameCount = 0
    /// Names that the server still has to forget.
    private(set) var retired: [String] = []

    init(capacity: Int) {
        precondition(capacity > 0, "a cache holds something")
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// The name of the prepared statement that takes these parameters; nil where there is none.
    mutating func name(for sql: String, _ parameters: [PostgresParameter]) -> String? {
        guard let position = entries.index(forKey: sql),
            Self.accepts(entries.values[position].types, parameters)
        else { return nil }
        useCount += 1
        entries.values[position].lastUse = useCount
        return entries.values[position].name
    }

    /// A new entry for the statement.
    ///
    /// A NULL takes over the type that the statement had before.
    mutating func insert(_ sql: String, _ parameters: [PostgresParameter]) -> Entry {
        let previous = entries[sql]?.types ?? []
        let types = parameters.enumerated().map { position, parameter in
            let type = parameter.typeOID
            return type == 0 && position < previous.count ? previous[position] : type
        }
        remove(sql)
        if entries.count >= capacity { removeLeastRecentlyUsed() }
        useCount += 1
        nameCount += 1
        let entry = Entry(name: "v\(nameCount)", types: types, lastUse: useCount)
        entries[sql] = entry
        return entry
    }

    /// Forgets a statement that the server has.
    mutating func remove(_ sql: String) {
        guard let entry = entries.removeValue(forKey: sql) else { return }
        retired.append(entry.name)
    }

    /// Forgets everything, as the server did.
    mutating func removeAll() {
        entries.removeAll()
        retired.removeAll()
    }

    /// Forgets a statement that the server never got.
    mutating func discard(_ sql: String, name: String) {
        guard entries[sql]?.name == name else { return }
        entries[sql] = nil
    }

    /// Notes that the server has forgotten the name.
    mutating func confirmRetired(_ name: String) {
        retired.removeAll { $0 == name }
    }

    /// - Complexity: O(capacity), once for each statement beyond it.
    private mutating func removeLeastRecentlyUsed() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        remove(oldest.key)
    }

    /// A NULL fits every type; a value fits the type that it was declared with.
    private static func accepts(_ types: [Oid], _ parameters: [PostgresParameter]) -> Bool {
        guard types.count == parameters.count else { return false }
        for (type, parameter) in zip(types, parameters) {
            let parameterType = parameter.typeOID
            if parameterType != 0, parameterType != type { return false }
        }
        return true
    }
}
