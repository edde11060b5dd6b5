select
    order_id,
    customer_id,
    amount,
    created_at
from {{ ref('stg_orders') }}
where status = 'paid'
