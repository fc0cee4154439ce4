package import AnomalyDetection

/// Codes of the types by name, for rows tell names and the detector counts codes; and the statements
/// that read what the types watch.
package struct TypeCodes: Sendable {
    private let entityCodes: [String: Int32]
    private let relationshipCodes: [String: Int32]
    let watched: WatchedKeys
    let feed: FeedQuery

    package init(_ catalog: TypeCatalog) {
        entityCodes = Dictionary(
            catalog.entityTypes.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        relationshipCodes = Dictionary(
            catalog.relationshipTypes.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        watched = WatchedKeys(catalog)
        feed = FeedQuery(watched)
    }

    /// The names of the relationship types as bytes.
    var relationshipNames: [(name: [UInt8], code: Int32)] {
        relationshipCodes.map { (Array($0.key.utf8), $0.value) }
    }

    func entityCode(_ name: String?) throws(StorageError) -> Int32 {
        try code(name, in: entityCodes)
    }

    func relationshipCode(_ name: String?) throws(StorageError) -> Int32 {
        try code(name, in: relationshipCodes)
    }

    /// A type that is not in the catalog was added after it was read.
    private func code(_ name: String?, in codes: [String: Int32]) throws(StorageError) -> Int32 {
        guard let code = codes[name ?? ""] else {
            throw StorageError(
                code: .staleCatalog, message: "type \(name ?? "") is newer than the catalog",
                hint: "read the catalog again")
        }
        return code
    }
}
