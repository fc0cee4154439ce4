import AnomalyDetection

/// The keys of metadata that are read as numbers, for the entity types that have some.
///
/// They stand in the statements themselves: so the order is that of the detector's catalog, whatever
/// an administrator changes meanwhile.
struct WatchedKeys: Sendable {
    /// The values of the keys as texts over `vigil.entities e`, an array in their order; null where the
    /// type has none.
    let expression: String

    init(_ catalog: TypeCatalog) {
        let watched = catalog.numericMetadata
            .filter { !$0.value.isEmpty }
            .map { (type: catalog.entityTypeName($0.key), keys: $0.value) }
            .sorted { $0.type < $1.type }
        guard !watched.isEmpty else {
            expression = "NULL::text[]"
            return
        }
        let cases = watched.map { type, keys in
            let values = keys.map { "e.metadata ->> \(Self.literal($0))" }
            return "WHEN \(Self.literal(type)) THEN ARRAY[\(values.joined(separator: ", "))]"
        }
        expression = "CASE e.type \(cases.joined(separator: " ")) END"
    }

    /// A text as an SQL literal, whatever `standard_conforming_strings` says.
    private static func literal(_ text: String) -> String {
        "E'\(text.replacing("\\", with: "\\\\").replacing("'", with: "''"))'"
    }
}
