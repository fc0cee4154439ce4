import TestSupport
import Testing

/// All tests against a real server, one after the other: they start processes and watch them.
@Suite("Vigil on a real PostgreSQL", .serialized, .tags(.postgres), .requiresPostgres)
enum Integration {}
