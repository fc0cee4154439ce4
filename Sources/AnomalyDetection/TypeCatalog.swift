/// The names behind the type codes of the database, and which relationship types carry ratings.
package struct TypeCatalog: Sendable, Equatable {
    /// Entity type names by code.
    package var entityTypes: [Int32: String]
    /// Relationship type names by code.
    package var relationshipTypes: [Int32: String]
    /// Relationship types whose weight is a signed rating of the target.
    package var ratingTypeCodes: Set<Int32>

    /// The keys of metadata whose numbers are judged, by entity type code.
    package var numericMetadata: [Int32: [String]]

    /// A catalog of these types.
    package init(
        entityTypes: [Int32: String] = [:], relationshipTypes: [Int32: String] = [:],
        ratingTypeCodes: Set<Int32> = [], numericMetadata: [Int32: [String]] = [:]
    ) {
        self.entityTypes = entityTypes
        self.relationshipTypes = relationshipTypes
        self.ratingTypeCodes = ratingTypeCodes
        self.numericMetadata = numericMetadata
    }

    /// The name of an entity type; a code that the catalog lacks is named by its number.
    package func entityTypeName(_ code: Int32) -> String {
        entityTypes[code] ?? "type_\(code)"
    }

    /// The name of a relationship type; a code that the catalog lacks is named by its number.
    package func relationshipTypeName(_ code: Int32) -> String {
        relationshipTypes[code] ?? "type_\(code)"
    }
}
