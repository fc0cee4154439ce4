import Foundation
import FoundationNetworking

/// What a server has answered.
struct HTTPAnswer: Sendable, CustomStringConvertible {
    let status: Int
    let type: String
    let body: String

    var description: String { "\(status): \(body)" }

    /// Asks a server of this machine.
    static func get(_ path: String, port: Int) async throws -> HTTPAnswer {
        guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else {
            throw URLError(.badURL)
        }
        let (data, response) = try await URLSession.shared.data(for: URLRequest(url: url))
        let head = response as? HTTPURLResponse
        return HTTPAnswer(
            status: head?.statusCode ?? 0,
            type: head?.value(forHTTPHeaderField: "Content-Type") ?? "",
            body: String(decoding: data, as: UTF8.self))
    }
}

extension VigilProgram {
    /// The port that `run --http 127.0.0.1:0` was given.
    func httpPort() async throws -> Int {
        let port = try await eventually("the program listens; it says: \(complaints.suffix(500))") {
            complaints.firstMatch(of: /http=127\.0\.0\.1:(\d+) .*listening/).flatMap { Int($0.1) }
        } is: {
            $0 != nil
        }
        return port ?? 0
    }
}
