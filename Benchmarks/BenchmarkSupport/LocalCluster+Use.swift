package import Foundation
package import LocalCluster

extension LocalCluster {
    /// Starts a cluster, lends it, and stops it whatever happens.
    ///
    /// A cluster in a `folder` keeps its data for the next run; without one nothing is left behind.
    package static func use(
        in folder: URL? = nil, settings: [String: String] = [:],
        _ body: (LocalCluster) async throws -> Void
    ) async throws {
        let cluster = try await LocalCluster.start(in: folder, settings: settings)
        do {
            try await body(cluster)
        } catch {
            try? await cluster.stop()
            throw error
        }
        try await cluster.stop()
    }
}
