create index orders_created_at_idx on orders (created_at);
create index orders_status_idx on orders (status);

grant select on orders to public;
