import AnomalyModels

/// Which entities and relationships a challenger judges in place of the model in use.
///
/// A subject belongs to the challenger where a hash of both, spread evenly over 0 to 1, falls below the
/// share. So it is the same one in every process and at every time, a larger share keeps those of a smaller
/// one, and the next challenger gets others.
package struct ChallengerSplit: Sendable, Equatable {
    /// The challenger.
    package var version: String
    /// From 0, nobody, to 1, everybody.
    package var share: Double

    /// The split for a challenger.
    package init(version: String, share: Double) {
        self.version = version
        self.share = share
    }

    /// Whether the challenger judges this subject.
    package func contains(_ subject: Subject) -> Bool {
        guard share > 0 else { return false }
        let kind = subject.entityID != nil ? "entity" : "relationship"
        let hash = textKey("\(version) \(kind) \(subject.id)")
        return Double(Self.mixed(hash) >> 11) / Double(UInt64(1) << 53) < share
    }

    /// The finalizer of MurmurHash3, of Austin Appleby: texts that differ in one digit come to lie far apart.
    private static func mixed(_ hash: UInt64) -> UInt64 {
        var bits = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        bits = (bits ^ (bits >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return bits ^ (bits >> 33)
    }
}
