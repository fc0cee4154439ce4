-- A cache: only the newest picture of each form is kept, and no dump carries it.
CREATE TABLE vigil.renderings (
    anomaly_id uuid NOT NULL REFERENCES vigil.anomalies (id) ON DELETE CASCADE,
    format text NOT NULL
        CHECK (format IN ('svg', 'png', 'pdf', 'dot', 'mermaid', 'graphml', 'json')),
    hops integer NOT NULL
        CHECK (hops BETWEEN 0 AND 10),
    node_limit integer NOT NULL
        CHECK (node_limit BETWEEN 1 AND 500),
    graph_epoch bigint,
    last_detected timestamptz NOT NULL,
    content bytea,
    error text
        CHECK (length(error) <= 10000),
    drawn_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (anomaly_id, format, hops, node_limit),
    CHECK (num_nonnulls(content, error) = 1)
);

CREATE INDEX renderings_drawn_at_idx ON vigil.renderings (drawn_at);

COMMENT ON TABLE vigil.renderings IS 'The pictures of anomalies that the sidecar has drawn. Read them by vigil.anomaly_svg() and vigil.read_export().';
COMMENT ON COLUMN vigil.renderings.anomaly_id IS 'The anomaly.';
COMMENT ON COLUMN vigil.renderings.format IS 'svg, png, pdf, dot, mermaid, graphml or json.';
COMMENT ON COLUMN vigil.renderings.hops IS 'Steps from the subject of the anomaly.';
COMMENT ON COLUMN vigil.renderings.node_limit IS 'Entities drawn at most; the rest is folded into counted groups.';
COMMENT ON COLUMN vigil.renderings.graph_epoch IS 'State of the graph of which the anomaly was when it was drawn.';
COMMENT ON COLUMN vigil.renderings.last_detected IS 'When the anomaly had last been detected when it was drawn: a later detection makes the picture an old one.';
COMMENT ON COLUMN vigil.renderings.content IS 'The picture; text in UTF-8 but for png and pdf.';
COMMENT ON COLUMN vigil.renderings.error IS 'Why it could not be drawn.';
COMMENT ON COLUMN vigil.renderings.drawn_at IS 'When it was drawn.';

-- What a function writes nobody sees before its transaction ends; a sequence is seen at once.
CREATE SEQUENCE vigil.drawing_bell;

COMMENT ON SEQUENCE vigil.drawing_bell IS 'Moves when vigil.anomaly_svg() waits for a picture: the sidecar then looks at vigil.wanted_drawings().';
