/// How an entity compares with the peers of its type, or of all types where its own has too few.
package struct PeerComparison: Sendable {
    /// The type of the peers; empty where they are of all types.
    package let peerTypeName: String
    /// The peers.
    package let peers: PeerGroup
    /// By feature of the subject; nil where no peer had a value.
    let featurePeers: [PeerDistribution?]
    private let degreePeers: PeerDistribution?

    /// The comparison for entities of this type, or for relationships where the features are theirs.
    package init(
        typeName: String, peers groups: [String: PeerGroup],
        features: [Measure] = EntityFeature.allCases.map(Measure.feature)
    ) {
        let count = groups[typeName]?.count ?? 0
        let name = count < PeerGroup.countMin ? PeerGroup.everyone : typeName
        peerTypeName = name
        let peers = groups[name] ?? PeerGroup(count: 0, distributions: [:])
        self.peers = peers
        featurePeers = features.map { peers.distributions[$0] }
        degreePeers = peers.distributions[.signal(.degree)]
    }

    /// How far its log degree lies above that of its peers; NaN for an entity without neighbours.
    package func degreeDeviation(of degree: Int) -> Double {
        guard degree > 0, let degreePeers else { return .nan }
        return degreePeers.robustZ(Detector.logDegree(Double(degree)))
    }
}
