-- A step is known by its words: a playbook that is changed, or gives way to another one when the severity
-- rises, takes nothing from what was done.
CREATE TABLE vigil.playbook_progress (
    anomaly_id uuid NOT NULL REFERENCES vigil.anomalies (id) ON DELETE CASCADE,
    step text NOT NULL
        CHECK (step <> '' AND length(step) <= 500),
    done_by text,
    done_at timestamptz,
    note text
        CHECK (length(note) <= 2000),
    task_id bigint,
    started_by text,
    started_at timestamptz,
    PRIMARY KEY (anomaly_id, step),
    CHECK ((done_by IS NULL) = (done_at IS NULL)),
    CHECK ((started_by IS NULL) = (started_at IS NULL))
);

COMMENT ON TABLE vigil.playbook_progress IS 'How far the steps of playbooks were taken, by anomaly. Written by vigil.tick_step(), vigil.untick_step() and vigil.start_step(), read by vigil.checklist().';
COMMENT ON COLUMN vigil.playbook_progress.anomaly_id IS 'The anomaly.';
COMMENT ON COLUMN vigil.playbook_progress.step IS 'The text of the step.';
COMMENT ON COLUMN vigil.playbook_progress.done_by IS 'Who has done it; null if it is open.';
COMMENT ON COLUMN vigil.playbook_progress.done_at IS 'When it was done.';
COMMENT ON COLUMN vigil.playbook_progress.note IS 'What was noted about it.';
COMMENT ON COLUMN vigil.playbook_progress.task_id IS 'The newest task that the step has started.';
COMMENT ON COLUMN vigil.playbook_progress.started_by IS 'Who started its task or webhook last.';
COMMENT ON COLUMN vigil.playbook_progress.started_at IS 'When they did.';
