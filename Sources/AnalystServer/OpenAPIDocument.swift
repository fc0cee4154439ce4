import Foundation
import HTTPTypes

/// The OpenAPI 3.1 document of a list of operations.
enum OpenAPIDocument {
    /// The document as JSON; equal operations give equal bytes.
    static func json(of operations: [Operation], version: String) throws -> String {
        var paths: [String: [String: Any]] = [:]
        for operation in operations {
            paths[operation.path, default: [:]][operation.method.rawValue.lowercased()] =
                try entry(of: operation)
        }
        let document: [String: Any] = [
            "openapi": "3.1.0",
            "info": [
                "title": "Vigil", "version": version,
                "description":
                    "Graph anomaly detection for PostgreSQL: anomalies, reviews, pictures, tasks.",
            ],
            "security": [["bearer": [String]()]],
            "paths": paths,
            "components": [
                "securitySchemes": ["bearer": ["type": "http", "scheme": "bearer"]],
                "schemas": [
                    "Problem": [
                        "type": "object", "required": ["type", "title", "status"],
                        "properties": [
                            "type": ["type": "string"], "title": ["type": "string"],
                            "status": ["type": "integer"], "detail": ["type": "string"],
                            "hint": ["type": "string"],
                        ],
                    ]
                ],
            ],
        ]
        let data = try JSONSerialization.data(
            withJSONObject: document,
            options: [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func entry(of operation: Operation) throws -> [String: Any] {
        var entry: [String: Any] = [
            "operationId": operation.id, "summary": operation.summary,
            "description": "Needs the role \(operation.role.words).",
        ]
        if !operation.parameters.isEmpty {
            entry["parameters"] = operation.parameters.map { parameter in
                [
                    "name": parameter.name, "in": parameter.place.rawValue,
                    "required": parameter.place == .path, "description": parameter.about,
                    "schema": parameter.schema,
                ] as [String: Any]
            }
        }
        if let body = operation.body {
            entry["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": try value(body)]],
            ]
        }
        let isJSON = operation.answer.type == "application/json"
        let content: [String: Any] =
            isJSON
            ? ["schema": try value(operation.answer.schema)] : ["schema": ["type": "string"]]
        var responses: [String: Any] = [
            String(operation.answer.status): [
                "description": "Done", "content": [operation.answer.type: content],
            ],
            "401": problem("No valid token"), "403": problem("The role is too low"),
            "409": problem("The state does not allow it"),
            "422": problem("A parameter or the body is not as it must be"),
            "429": problem("Too many requests"), "500": problem("A fault"),
            "503": problem("The database or the sidecar cannot answer now"),
            "504": problem("It took too long"),
        ]
        if operation.mayMiss { responses["404"] = problem("There is none") }
        if operation.body != nil {
            responses["413"] = problem("The body is too large")
            responses["415"] = problem("The body is not JSON")
        }
        if operation.method == .get { responses["304"] = ["description": "As it was"] }
        entry["responses"] = responses
        return entry
    }

    private static func problem(_ description: String) -> [String: Any] {
        [
            "description": description,
            "content": [
                "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
            ],
        ]
    }

    private static func value(_ schema: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(schema.utf8))
    }
}
