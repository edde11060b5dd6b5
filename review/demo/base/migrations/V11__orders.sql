create table orders (
    id bigint primary key,
    customer_id bigint not null,
    status text not null,
    created_at timestamptz not null default now()
);
