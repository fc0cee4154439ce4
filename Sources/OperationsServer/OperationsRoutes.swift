import HTTPTypes
import Hummingbird
import NIOCore
import Sidecar
import Telemetry

/// `/metrics`, `/healthz` and `/readyz`: a part of the router, beside which others can stand.
struct OperationsRoutes {
    let registry: MetricRegistry
    let health: SidecarHealth
    let limits: HealthReport.Limits
    let version: String

    func routes() -> RouteCollection<ServerContext> {
        let routes = RouteCollection(context: ServerContext.self)
        routes.get("/metrics") { _, _ in
            Self.response(
                .ok, registry.exposition(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        routes.get("/healthz") { _, _ in
            try Self.response(
                HealthReport.liveness(
                    health.snapshot, at: .now, limits: limits, version: version))
        }
        routes.get("/readyz") { _, _ in
            try Self.response(
                HealthReport.readiness(
                    health.snapshot, at: .now, limits: limits, version: version))
        }
        return routes
    }

    private static func response(_ report: HealthReport) throws -> Response {
        response(
            report.isGood ? .ok : .serviceUnavailable, try report.json(), type: "application/json")
    }

    private static func response(
        _ status: HTTPResponse.Status, _ text: String, type: String
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
