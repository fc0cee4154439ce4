/// The six types of anomaly; several may hold, one is primary.
package enum AnomalyType: String, Codable, CaseIterable, Sendable {
    case behavioral, relationship, infrastructure
    case dataQuality = "data_quality"
    case temporal, semantic
}
