select
    id as order_id,
    customer_id,
    status,
    amount_cents / 100 as amount,
    created_at,
    updated_at
from {{ source('shop', 'orders') }}
