CREATE TABLE audit (
    number VARCHAR(200) NOT NULL,
    place INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind VARCHAR(60) NOT NULL,
    "by" VARCHAR(200) NOT NULL,
    body TEXT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (number, place)
);

CREATE TABLE command (
    "key" VARCHAR(60) NOT NULL,
    attempt INTEGER NOT NULL,
    number VARCHAR(200) NOT NULL,
    step VARCHAR(40) NOT NULL,
    subject VARCHAR(300) NOT NULL,
    system VARCHAR(60) NOT NULL,
    status VARCHAR(10) NOT NULL,
    given BIGINT NOT NULL,
    begun BIGINT,
    finished BIGINT,
    event VARCHAR(300) NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY ("key", attempt)
);

CREATE INDEX command_event ON command (event);

CREATE INDEX command_open ON command (given) WHERE finished IS NULL;

CREATE INDEX ix_command_number ON command (number);

CREATE TABLE deadline (
    number VARCHAR(200) NOT NULL,
    name VARCHAR(120) NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (number, name)
);

CREATE INDEX ix_deadline_at ON deadline (at);

CREATE TABLE delivery (
    target VARCHAR(60) NOT NULL,
    place INTEGER NOT NULL,
    number VARCHAR(200) NOT NULL,
    status VARCHAR(10) NOT NULL,
    attempts INTEGER NOT NULL,
    due BIGINT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (target, place)
);

CREATE INDEX delivery_status ON delivery (target, status);

CREATE TABLE finding (
    id VARCHAR(64) NOT NULL,
    number VARCHAR(200) NOT NULL,
    source VARCHAR(20) NOT NULL,
    code VARCHAR(60) NOT NULL,
    subject VARCHAR(300) NOT NULL,
    message TEXT NOT NULL,
    systems VARCHAR(120) NOT NULL,
    currency VARCHAR(3),
    value_minor BIGINT,
    owner VARCHAR(60) NOT NULL,
    action TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    gone BIGINT,
    PRIMARY KEY (id)
);

CREATE INDEX ix_finding_number ON finding (number);

CREATE TABLE inbox (
    id VARCHAR(300) NOT NULL,
    number VARCHAR(200) NOT NULL,
    type VARCHAR(60) NOT NULL,
    at BIGINT NOT NULL,
    received BIGINT NOT NULL,
    status VARCHAR(10) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    version INTEGER,
    runs INTEGER NOT NULL,
    digest VARCHAR(64) NOT NULL,
    trace VARCHAR(60),
    body TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX inbox_status ON inbox (status);

CREATE INDEX ix_inbox_number ON inbox (number);

CREATE TABLE job (
    name VARCHAR(100) NOT NULL,
    holder VARCHAR(100) NOT NULL,
    until BIGINT NOT NULL,
    due BIGINT NOT NULL,
    failures INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE lease (
    worker VARCHAR(100) NOT NULL,
    beat BIGINT NOT NULL,
    PRIMARY KEY (worker)
);

CREATE TABLE outbox (
    place INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id VARCHAR(320) NOT NULL,
    number VARCHAR(200) NOT NULL,
    type VARCHAR(60) NOT NULL,
    at BIGINT NOT NULL,
    relayed BIGINT,
    body TEXT NOT NULL,
    UNIQUE (id)
);

CREATE INDEX ix_outbox_relayed ON outbox (relayed);

CREATE TABLE return_state (
    number VARCHAR(200) NOT NULL,
    version INTEGER NOT NULL,
    stage VARCHAR(40) NOT NULL,
    status VARCHAR(40) NOT NULL,
    entered BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    priority INTEGER NOT NULL,
    customer VARCHAR(200) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    value_minor BIGINT NOT NULL,
    credited_minor BIGINT NOT NULL,
    running INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    waits_for TEXT NOT NULL,
    audit_count INTEGER NOT NULL,
    audit_hash VARCHAR(64) NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (number)
);

CREATE TABLE vendor (
    worker VARCHAR(100) NOT NULL,
    system VARCHAR(60) NOT NULL,
    at BIGINT NOT NULL,
    concurrent INTEGER NOT NULL,
    running INTEGER NOT NULL,
    calls INTEGER,
    per_seconds INTEGER,
    used INTEGER,
    failures INTEGER NOT NULL,
    left_alone_until BIGINT,
    PRIMARY KEY (worker, system)
);
