package import AnomalyModels

/// What a trained model knows about relationships; their calibrations are with those of entities.
package struct RelationshipModel: Sendable, Equatable {
    /// The isolation forest over the features on the scale of the models.
    package var forest: IsolationForest
    /// The peers by relationship type name; those of all types under ``PeerGroup/everyone``.
    package var peers: [String: PeerGroup]
    /// The names of the types that are followed as a stream, ascending.
    package var recurringTypes: [String]

    /// A model of these parts.
    package init(
        forest: IsolationForest, peers: [String: PeerGroup], recurringTypes: [String]
    ) {
        self.forest = forest
        self.peers = peers
        self.recurringTypes = recurringTypes.sorted()
    }
}

extension RelationshipModel {
    private static let prefix = "relationship_"

    /// What this layout of features is called in archives.
    private struct Header: Codable, Equatable {
        var schema = RelationshipFeature.schema
        var features = RelationshipFeature.names
    }

    func encode(into archive: inout ModelArchive) {
        for (name, tensor) in forest.tensors() {
            archive.tensors[Self.prefix + name] = tensor
        }
        archive.encode(Header(), as: Self.prefix + "header")
        archive.encode(forest.parameters, as: Self.prefix + "forest_parameters")
        archive.encode(recurringTypes, as: Self.prefix + "recurring_types")
        PeerTable(peers).encode(into: &archive, prefix: Self.prefix)
    }

    /// The part of an archive; nil where it has none.
    init?(archive: ModelArchive) throws(ModelFileError) {
        guard archive.metadata[Self.prefix + "header"] != nil else { return nil }
        guard try archive.decoded(Header.self, from: Self.prefix + "header") == Header() else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The model was trained on other features of relationships than this "
                    + "version has.")
        }
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in archive.tensors where name.hasPrefix(Self.prefix) {
            tensors[String(name.dropFirst(Self.prefix.count))] = tensor
        }
        let forest = try IsolationForest(
            tensors: tensors,
            parameters: try archive.decoded(
                IsolationForest.Parameters.self, from: Self.prefix + "forest_parameters"))
        guard forest.columnCount == RelationshipFeature.count else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The forest of relationships has \(forest.columnCount) features, not "
                    + "\(RelationshipFeature.count).")
        }
        self.init(
            forest: forest,
            peers: try PeerTable(
                archive, prefix: Self.prefix, measure: Measure.init(relationshipMeasure:)
            ).groups,
            recurringTypes: try archive.decoded(
                [String].self, from: Self.prefix + "recurring_types"))
    }
}
